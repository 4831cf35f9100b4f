// A list of names that grows as one types (WAI-ARIA combobox). Without this script the form sends the words as they are.
"use strict";

(() => {
  const pause = 120; // ms after the last key
  let boxes = 0;

  const element = (tag, className, text) => {
    const made = document.createElement(tag);
    made.className = className;
    made.textContent = text;
    return made;
  };

  const enhance = (input) => {
    const list = element("ul", "options", "");
    const status = element("span", "hidden", "");
    list.id = `options-${(boxes += 1)}`;
    list.hidden = true;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", "Names that match");
    status.setAttribute("role", "status");
    const holder = element("span", "completed", "");
    input.replaceWith(holder);
    holder.append(input, list, status);
    for (const [name, value] of Object.entries({
      role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id,
    })) input.setAttribute(name, value);

    let chosen = -1;
    let timer = 0;
    let asked = null;

    const close = () => {
      list.hidden = true;
      chosen = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    };

    const mark = (place) => {
      chosen = place;
      [...list.children].forEach((option, i) => option.setAttribute("aria-selected", String(i === place)));
      if (place < 0) input.removeAttribute("aria-activedescendant");
      else {
        input.setAttribute("aria-activedescendant", list.children[place].id);
        list.children[place].scrollIntoView({ block: "nearest" });
      }
    };

    // A picker of a form takes the name in; the finder goes to its page.
    const take = (option) => {
      if (input.dataset.find !== undefined) {
        input.value = option.dataset.iri;
        close();
      } else window.location.assign(option.dataset.href);
    };

    const show = (matches) => {
      list.replaceChildren(...matches.map((match, i) => {
        const option = element("li", "", "");
        option.id = `${list.id}-${i}`;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        option.dataset.href = match.href;
        option.dataset.iri = match.iri;
        const why = match.name === match.label ? (match.how === "label" ? "" : ` · ${match.how}`) : ` · ${match.how}: ${match.name}`;
        option.append(element("span", "what", match.label), element("span", "kind", match.kind + why));
        option.addEventListener("mousedown", (event) => event.preventDefault());
        option.addEventListener("click", () => take(option));
        return option;
      }));
      status.textContent = matches.length ? `${matches.length} names match` : "no name matches";
      list.hidden = matches.length === 0;
      input.setAttribute("aria-expanded", String(!list.hidden));
      mark(-1);
    };

    const ask = async () => {
      if (asked) asked.abort();
      const words = input.value.trim();
      if (words.length < 2) return close();
      asked = new AbortController();
      const address = new URL(input.dataset.complete, window.location.href);
      address.searchParams.set("q", words);
      if (input.dataset.find) address.searchParams.set("kind", input.dataset.find);
      try {
        const answer = await fetch(address, { signal: asked.signal, headers: { Accept: "application/json" } });
        if (answer.ok && input.value.trim() === words) show(await answer.json());
      } catch (error) {
        if (error.name !== "AbortError") close();
      }
      return undefined;
    };

    input.addEventListener("input", () => {
      window.clearTimeout(timer);
      timer = window.setTimeout(ask, pause);
    });
    input.addEventListener("blur", close);
    input.addEventListener("keydown", (event) => {
      const number = list.children.length;
      if (event.key === "Escape" && !list.hidden) close();
      else if (event.key === "Enter" && chosen >= 0 && !list.hidden) take(list.children[chosen]);
      else if (event.key === "ArrowDown" && list.hidden) ask();
      else if (event.key === "ArrowDown") mark((chosen + 2) % (number + 1) - 1);
      else if (event.key === "ArrowUp" && !list.hidden) mark((chosen + 1 + number) % (number + 1) - 1);
      else return;
      event.preventDefault();
    });
  };

  document.querySelectorAll("input[data-complete]").forEach(enhance);
})();
