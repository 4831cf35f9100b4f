// Who makes a statement, shown where one reads it; without this script the small numbers lead to a page that says so.
"use strict";

(() => {
  if (typeof HTMLDialogElement === "undefined") return;
  const dialog = document.createElement("dialog");
  dialog.className = "why";
  dialog.setAttribute("aria-label", "Who says so");
  document.body.append(dialog);

  const show = async (note) => {
    const answer = await fetch(note.href, { headers: { Accept: "text/html" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const close = document.createElement("button");
    close.type = "button";
    close.textContent = "Close";
    close.addEventListener("click", () => dialog.close());
    const whole = document.createElement("a");
    whole.href = note.href;
    whole.textContent = "Open as a page";
    const foot = document.createElement("p");
    foot.className = "row";
    foot.append(close, whole);
    dialog.replaceChildren(...page.querySelectorAll("main .sentence, main article.source"), foot);
    dialog.showModal();
    close.focus();
  };

  document.addEventListener("click", (event) => {
    const note = event.target.closest("a.note");
    if (!note || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    show(note).catch(() => window.location.assign(note.href));
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
})();
