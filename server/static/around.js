// Draws the neighbourhood once it comes into view; the list below it says the same, and stays where this cannot load.
"use strict";

(() => {
  const place = document.getElementById("drawing");
  if (!place || !("IntersectionObserver" in window)) return;
  const told = JSON.parse(place.dataset.graph);
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const hidden = window.matchMedia("(prefers-reduced-motion: reduce)");

  const load = () => new Promise((resolve, reject) => {
    // The library would add a style element, which the content policy refuses; pages.css has the one rule of it.
    const marker = document.createElement("template");
    marker.id = "__________cytoscape_stylesheet";
    const script = document.createElement("script");
    script.src = place.dataset.script;
    script.addEventListener("load", resolve);
    script.addEventListener("error", reject);
    document.head.append(marker, script);
  });

  const style = () => [
    { selector: "node", style: {
      label: "data(label)", color: colour("--ink"), "font-size": 12, "font-family": "system-ui, sans-serif", "text-wrap": "wrap",
      "text-max-width": 110, "text-valign": "bottom", "text-margin-y": 4, width: 14, height: 14, "background-color": colour("--link"),
    } },
    { selector: "node[kind = 'location'], node[kind = 'region']", style: { shape: "rectangle", "background-color": colour("--stated") } },
    { selector: "node[kind = 'category'], node[kind = 'concept'], node[kind = 'role']", style: { shape: "diamond", "background-color": colour("--judged") } },
    { selector: "node[kind = 'solution'], node[kind = 'product']", style: { shape: "triangle", "background-color": colour("--mark") } },
    { selector: "node[?centre]", style: { width: 26, height: 26, "font-weight": 700, "background-color": colour("--ink"), shape: "ellipse" } },
    { selector: "edge", style: {
      width: 1, "line-color": colour("--rule"), "target-arrow-color": colour("--soft"), "target-arrow-shape": "triangle",
      "arrow-scale": 0.7, "curve-style": "bezier",
    } },
    { selector: "edge.told", style: { label: "data(label)", color: colour("--soft"), "font-size": 10, "text-rotation": "autorotate", "text-background-color": colour("--paper"), "text-background-opacity": 1, "line-color": colour("--soft") } },
  ];

  const draw = () => {
    place.hidden = false;
    const drawn = window.cytoscape({
      container: place,
      elements: [
        ...told.nodes.map((node, i) => ({ data: { ...node, centre: i === 0 } })),
        ...told.edges.map((edge) => ({ data: edge })),
      ],
      style: style(),
      layout: { name: "concentric", concentric: (node) => (node.data("centre") ? 2 : 1), levelWidth: () => 1, minNodeSpacing: 34, padding: 36, animate: false },
      userZoomingEnabled: false, autoungrabify: hidden.matches, minZoom: 0.3, maxZoom: 1.6,
    });
    drawn.on("tap", "node", (event) => {
      const address = event.target.data("href");
      if (address) window.location.assign(address);
    });
    drawn.on("mouseover", "node", (event) => event.target.connectedEdges().addClass("told"));
    drawn.on("mouseout", "node", (event) => event.target.connectedEdges().removeClass("told"));
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawn.style(style()));
  };

  const section = place.parentElement;
  const seen = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    seen.disconnect();
    load().then(draw, () => { place.hidden = true; });
  }, { rootMargin: "200px" });
  seen.observe(section);
})();
