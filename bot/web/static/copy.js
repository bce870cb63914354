// Puts a button that copies beside each command. Without this, the command is there to be selected.
"use strict";

for (const command of document.querySelectorAll("pre.command")) {
  if (!navigator.clipboard) break;
  const code = command.querySelector("code");
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  button.setAttribute("aria-label", `Copy ${code.textContent.trim()}`);
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(code.textContent.trim());
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(code);
    }
  });
  command.append(button);
}
