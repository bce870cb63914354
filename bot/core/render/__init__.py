"""An alert in words: a page of lines for people, and the forms in which services read it.

``page`` takes its words from ``words``, so that an event reads the same in Slack,
in text, in Markdown and in HTML.
"""
