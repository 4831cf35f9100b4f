// Turns the plain form into a query editor; without this script, or where it cannot load, the form stays.
"use strict";

(() => {
  const form = document.querySelector("form.query");
  const place = document.getElementById("workbench");
  if (!form || !place || typeof Yasgui === "undefined") return;

  const prefixes = JSON.parse(place.dataset.prefixes);
  const text = form.elements.query.value;
  const endpoint = new URL(form.action, window.location.href).href;

  // The missing PREFIX lines are written into the text, so that any query shown here runs unchanged with curl.
  const withPrefixes = (query) => {
    const declared = new Set([...query.matchAll(/PREFIX\s+([\w-]*)\s*:/gi)].map((match) => match[1]));
    const bare = query.replace(/<[^<>\s]*>|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|#[^\n]*/g, " ");
    const used = new Set([...bare.matchAll(/(?<![\w?$:-])([A-Za-z][\w-]*):(?!\/\/)/g)].map((match) => match[1]));
    const missing = Object.keys(prefixes).filter((prefix) => used.has(prefix) && !declared.has(prefix)).sort();
    return missing.map((prefix) => `PREFIX ${prefix}: <${prefixes[prefix]}>\n`).join("") + query;
  };

  const adjustQueryBeforeRequest = (editor) => {
    const whole = withPrefixes(editor.getValue());
    if (whole !== editor.getValue()) editor.setValue(whole);
    return whole;
  };

  // Classes and properties are completed from this graph's own vocabulary, never from elsewhere.
  const terms = fetch(place.dataset.terms).then((answer) => (answer.ok ? answer.json() : {}), () => ({}));
  const { Yasqe } = Yasgui;
  for (const [name, kind] of [["class", "classes"], ["property", "properties"]]) {
    const get = async () => ((await terms)[kind] || []).map((term) => term.iri);
    Yasqe.registerAutocompleter({ ...Yasqe.Autocompleters[name], name, bulk: true, persistenceId: null, get });
  }
  const lines = Object.entries(prefixes).map(([prefix, namespace]) => `${prefix}: <${namespace}>`);
  Yasqe.registerAutocompleter({ ...Yasqe.Autocompleters.prefixes, name: "prefixes", bulk: true, persistenceId: null, get: async () => lines });

  // What the service could not read is marked where it stands, and said in words above the editor.
  const fault = document.getElementById("fault");
  const tell = (yasqe, error) => {
    let problem = {};
    try {
      problem = JSON.parse(error.message);
    } catch {
      problem = { detail: error.message };
    }
    fault.textContent = [problem.line ? `Line ${problem.line}, column ${problem.column}:` : "", problem.detail, problem.hint]
      .filter(Boolean).join(" ");
    fault.hidden = false;
    if (!problem.line) return;
    const from = { line: problem.line - 1, ch: Math.max(0, (problem.column || 1) - 1) };
    const end = yasqe.getDoc().getLine(from.line) || "";
    const word = /^[\w?$:<-]+/.exec(end.slice(from.ch));
    yasqe.getDoc().markText(from, { line: from.line, ch: from.ch + (word ? word[0].length : 1) }, { className: "fault-here" });
    yasqe.setCursor(from);
  };
  const forget = (yasqe) => {
    fault.hidden = true;
    yasqe.getDoc().getAllMarks().filter((mark) => mark.className === "fault-here").forEach((mark) => mark.clear());
  };

  // An IRI of this graph becomes its label, and a link to its page here.
  const named = async (element) => {
    const links = [...element.querySelectorAll("a[href]")].filter((link) => link.getAttribute("href").startsWith(place.dataset.things));
    const iris = [...new Set(links.map((link) => link.getAttribute("href")))].slice(0, 300);
    if (!iris.length) return;
    const query = `PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
      SELECT ?thing (MIN(?name) AS ?label) { VALUES ?thing { ${iris.map((iri) => `<${iri}>`).join(" ")} } ?thing rdfs:label ?name } GROUP BY ?thing`;
    const answer = await fetch(endpoint, {
      method: "POST", body: new URLSearchParams({ query }), headers: { Accept: "application/sparql-results+json" },
    });
    if (!answer.ok) return;
    const labels = new Map((await answer.json()).results.bindings.map((row) => [row.thing.value, row.label.value]));
    for (const link of links) {
      const iri = link.getAttribute("href");
      link.title = iri;
      link.href = place.dataset.mount + iri.slice(place.dataset.things.length);
      link.textContent = labels.get(iri) || link.textContent;
    }
  };

  const watch = (tab) => {
    const yasqe = tab.getYasqe();
    yasqe.addKeyMap({ Tab: false, "Shift-Tab": false }); // the keys lead out of the editor again (WCAG 2.1.2)
    yasqe.on("error", tell);
    yasqe.on("query", forget);
    tab.getYasr().on("drawn", () => named(tab.getYasr().rootEl));
  };

  form.hidden = true;
  place.hidden = false;
  const workbench = new Yasgui(place, {
    requestConfig: { endpoint, method: "GET", adjustQueryBeforeRequest },
    endpointCatalogueOptions: { getData: () => [] },
    copyEndpointOnNewTab: true,
    populateFromUrl: false,
    persistenceId: "partnergraph",
    persistencyExpire: 60 * 60 * 24 * 30,
    yasqe: { value: text },
  });
  const given = new URLSearchParams(window.location.search).get("query");
  watch(workbench.getTab());
  workbench.on("tabSelect", (_, id) => {
    const tab = workbench.getTab(id);
    if (tab && !tab.watched) {
      tab.watched = true;
      watch(tab);
    }
  });
  workbench.getTab().watched = true;
  if (given) workbench.getTab().setQuery(given);
})();
