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

  // What points here stands left of the thing, what it points to right; where all do the same, half on each side.
  const outward = new Set(told.edges.filter((edge) => edge.source === told.nodes[0].id).map((edge) => edge.target));
  const others = told.nodes.slice(1);
  const [left, right] = [others.filter((node) => !outward.has(node.id)), others.filter((node) => outward.has(node.id))];
  const most = Math.ceil(others.length * 0.7);
  if (left.length > most || right.length > most) {
    left.splice(0, left.length, ...others.slice(Math.ceil(others.length / 2)));
    right.splice(0, right.length, ...others.slice(0, Math.ceil(others.length / 2)));
  }
  const line = 30; // px between two names
  const height = Math.max(left.length, right.length, 5) * line + 2 * line;
  const reach = () => Math.min(200, place.clientWidth * 0.17); // px from the thing to its neighbours
  const room = () => place.clientWidth / 2 - reach() - 16;
  const where = (id) => {
    const middle = { x: place.clientWidth / 2, y: height / 2 };
    for (const [side, way] of [[left, -1], [right, 1]]) {
      const at = side.findIndex((node) => node.id === id);
      if (at < 0) continue;
      const y = (at - (side.length - 1) / 2) * line;
      const bow = 1 - 0.35 * (2 * y / height) ** 2; // the ends nearer, as on an arc
      return { x: middle.x + way * reach() * bow, y: middle.y + y };
    }
    return middle;
  };

  const style = () => [
    { selector: "node", style: {
      label: "data(label)", color: colour("--ink"), "font-size": 12, "font-family": "system-ui, sans-serif", "text-wrap": "ellipsis",
      "text-max-width": room(), "text-valign": "center", "text-halign": "right", "text-margin-x": 5, width: 12, height: 12, "background-color": colour("--link"),
    } },
    { selector: "node[kind = 'location'], node[kind = 'region']", style: { shape: "rectangle", "background-color": colour("--stated") } },
    { selector: "node[kind = 'category'], node[kind = 'concept'], node[kind = 'role']", style: { shape: "diamond", "background-color": colour("--judged") } },
    { selector: "node[kind = 'solution'], node[kind = 'product']", style: { shape: "triangle", "background-color": colour("--mark") } },
    { selector: "node[side = 'left']", style: { "text-halign": "left", "text-margin-x": -5 } },
    { selector: "node[?centre]", style: { width: 24, height: 24, "text-halign": "center", "text-valign": "bottom", "text-margin-x": 0, "text-margin-y": 5, "text-max-width": 2 * reach(), "font-weight": 700, "background-color": colour("--ink"), shape: "ellipse" } },
    { selector: "edge", style: {
      width: 1, "line-color": colour("--rule"), "mid-target-arrow-color": colour("--soft"), "mid-target-arrow-shape": "triangle",
      "arrow-scale": 0.7, "curve-style": "bezier",
    } },
    { selector: "edge.told", style: { label: "data(label)", color: colour("--soft"), "font-size": 10, "text-rotation": "autorotate", "text-background-color": colour("--paper"), "text-background-opacity": 1, "line-color": colour("--soft") } },
  ];

  const draw = () => {
    place.hidden = false;
    place.style.height = `${height}px`;
    const drawn = window.cytoscape({
      container: place,
      elements: [
        ...told.nodes.map((node, i) => ({ data: { ...node, centre: i === 0, side: left.includes(node) ? "left" : "right" } })),
        ...told.edges.map((edge) => ({ data: edge })),
      ],
      style: style(),
      layout: { name: "preset", positions: (node) => where(node.id()), fit: false },
      userZoomingEnabled: false, userPanningEnabled: false, autoungrabify: hidden.matches,
    });
    window.addEventListener("resize", () => {
      drawn.resize();
      drawn.style(style());
      drawn.nodes().positions((node) => where(node.id()));
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
