"""What boards and models are called: by people, on the Hub's pages, in links."""
