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
  if (given) workbench.getTab().setQuery(given);
})();
