// Puts a button that copies beside each command. Without this, the command is there to be selected.
"use strict";

for (const command of document.querySelectorAll("pre.command")) {
  if (!navigator.clipboard) break;
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  button.setAttribute("aria-label", `Copy ${command.textContent.trim()}`);
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(command.textContent.trim());
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(command);
    }
  });
  command.append(button);
}
