// Draws every [data-chart] from the JSON beside it, with the colours of the theme. Loaded by app.js after ECharts.
"use strict";
(() => {
  const tones = { neg: "--neg", neu: "--neu", pos: "--pos", accent: "--accent", ink: "--ink-2", focus: "--focus", drill: "--drill", l2: "--l2-ink" };
  const strokes = ["solid", "dashed", "dotted"];
  const still = matchMedia("(prefers-reduced-motion: reduce)");

  function options(data, colour, font) {
    const stacked = data.kind === "area";
    const alone = (values, i) => data.labels.length === 1 || (values[i] !== null && values[i - 1] == null && values[i + 1] == null);
    const open = (i) => data.open_end && !stacked && i === data.labels.length - 1;
    // A line draws nothing for a value between two unknown ones, so that one gets a dot; one that is not over, a ring.
    const ring = (tone) => ({ color: colour("--surface"), borderColor: colour(tones[tone] || "--accent"), borderWidth: 2 });
    const point = (tone) => (value, i, values) => open(i) ? { value, symbol: "circle", itemStyle: ring(tone) } : alone(values, i) ? { value, symbol: "circle" } : value;
    const series = data.series.map((one, i) => ({
      name: one.name, type: "line", symbol: "none", symbolSize: 8, showAllSymbol: true, data: one.values.map(point(one.tone)), stack: stacked ? "all" : undefined,
      itemStyle: { color: colour(tones[one.tone] || "--accent") },
      lineStyle: { width: stacked ? 0 : 2, type: stacked ? "solid" : strokes[i % strokes.length], color: colour(tones[one.tone] || "--accent") },
      areaStyle: stacked ? { opacity: 0.85, color: colour(tones[one.tone] || "--accent") } : undefined,
      emphasis: { disabled: true },
    }));
    if (data.band) {  // two lines on top of one another, the space between them filled
      const plain = { type: "line", symbol: "none", stack: "band", silent: true, lineStyle: { width: 0 }, itemStyle: { color: colour("--neu") }, tooltip: { show: false } };
      series.unshift(
        { ...plain, name: "", data: data.band.low },
        { ...plain, name: data.band.name, data: data.band.high.map((high, i) => high === null ? null : high - data.band.low[i]), areaStyle: { opacity: 0.25, color: colour("--neu") } },
      );
    }
    if (data.threshold && data.threshold.values) series.push({ name: data.threshold.name, type: "line", symbol: "none", silent: true, data: data.threshold.values, itemStyle: { color: colour("--l2-ink") }, lineStyle: { width: 1, type: "dashed", color: colour("--l2-ink") }, emphasis: { disabled: true } });
    const label = { color: colour("--ink-2"), fontSize: 12, formatter: "{b}" };
    const last = Math.max(data.labels.length - 1, 1);
    let before = -1, row = 0, rows = 0;
    const lines = (data.marks || []).filter((mark) => data.labels.includes(mark.at)).map((mark) => {
      const at = data.labels.indexOf(mark.at) / last;   // names of marks close together stand above one another, at the edges inside
      row = at - before < 0.2 ? row + 1 : 0;
      before = at;
      rows = Math.max(rows, row);
      return { name: mark.name, xAxis: mark.at, label: { distance: 4 + 15 * row, align: at > 0.85 ? "right" : at < 0.1 ? "left" : "center" } };
    });
    if (data.threshold && data.threshold.value !== undefined) lines.push({ name: data.threshold.name, yAxis: data.threshold.value, label: { position: "insideEndTop" } });
    if (lines.length) series[series.length - 1].markLine = { symbol: "none", silent: true, lineStyle: { color: colour("--ink-3"), type: "dashed" }, label, data: lines };
    return {
      animation: !still.matches, animationDuration: 300,
      aria: { enabled: true, label: { description: data.label }, decal: { show: stacked, decals: [{ symbol: "none" }, { symbol: "line", dashArrayX: [1, 0], dashArrayY: [1, 6], rotation: 0.8, color: "rgba(0,0,0,.18)" }, { symbol: "none" }] } },
      textStyle: { fontFamily: font },
      grid: { left: 8, right: (data.labels[0] || "").length > 5 ? 36 : 16, top: (data.legend ? 44 : 28) + 15 * rows, bottom: 4, containLabel: true },
      legend: data.legend ? { type: "scroll", top: 0, left: 8, textStyle: { color: colour("--ink-2") }, pageTextStyle: { color: colour("--ink-2") }, pageIconColor: colour("--ink-2"), selectedMode: false, itemWidth: 30 } : undefined,
      tooltip: { trigger: "axis", renderMode: "richText", confine: true, backgroundColor: colour("--surface"), borderColor: colour("--line"), textStyle: { color: colour("--ink"), fontSize: 13 } },
      xAxis: { type: "category", data: data.labels, boundaryGap: false, axisLine: { lineStyle: { color: colour("--line") } }, axisTick: { show: false }, axisLabel: { color: colour("--ink-3"), hideOverlap: true } },
      yAxis: { type: "value", max: data.unit === "%" ? 100 : undefined, interval: data.unit === "%" ? 25 : undefined, splitNumber: 3, minInterval: 1, axisLabel: { color: colour("--ink-3"), formatter: data.unit ? `{value}${data.unit}` : undefined }, splitLine: { lineStyle: { color: colour("--line") } } },
      series,
    };
  }

  // The series a person pointed at: the layer of a stack the pointer lies in, else the nearest line.
  function pointedAt(data, i, height) {
    const linked = data.series.filter((one) => one.link && one.values[i] !== null);
    if (data.kind !== "area") return linked.sort((a, b) => Math.abs(a.values[i] - height) - Math.abs(b.values[i] - height))[0];
    let below = 0;
    return linked.find((one) => (below += one.values[i]) >= height) || linked.at(-1);
  }
  function lead(chart, data) {
    const place = (event) => [event.offsetX, event.offsetY];
    const board = chart.getZr();
    board.on("mousemove", (event) => board.setCursorStyle(chart.containPixel("grid", place(event)) ? "pointer" : "default"));
    board.on("click", (event) => {
      if (!chart.containPixel("grid", place(event))) return;
      const [i, height] = chart.convertFromPixel("grid", place(event)), one = pointedAt(data, i, height);
      if (one) location.assign(`${one.link}&since=${encodeURIComponent(data.edges[i])}&until=${encodeURIComponent(data.edges[i + 1])}`);
    });
  }

  function draw(el) {
    const old = echarts.getInstanceByDom(el);
    if (old) old.dispose();
    const style = getComputedStyle(document.documentElement), colour = (name) => style.getPropertyValue(name).trim();
    const name = el.getAttribute("aria-label");
    const chart = echarts.init(el, null, { renderer: "svg" });
    const data = JSON.parse(el.nextElementSibling.content.textContent);
    chart.setOption(options(data, colour, getComputedStyle(document.body).fontFamily));
    if (data.edges && data.series.some((one) => one.link)) lead(chart, data);
    el.setAttribute("aria-label", name);
    el.dataset.drawn = "";
  }
  // A chart as a PNG for a chat, with its title; on a canvas of its own size, so it looks the same from every screen.
  function pictureOf(el, heading) {
    const style = getComputedStyle(document.documentElement), colour = (name) => style.getPropertyValue(name).trim();
    const box = document.createElement("div"), font = getComputedStyle(document.body).fontFamily;
    const chart = echarts.init(box, null, { renderer: "canvas", width: 960, height: 480 });
    const plain = options({ ...JSON.parse(el.nextElementSibling.content.textContent), legend: true }, colour, font);
    const grid = { ...plain.grid, left: 24, right: 32, top: plain.grid.top + 52, bottom: 20 }, legend = { ...plain.legend, top: 56, left: 20 };
    chart.setOption({ ...plain, animation: false, grid, legend, title: { text: heading, left: 20, top: 16, textStyle: { color: colour("--ink"), fontSize: 18 } } });
    const url = chart.getDataURL({ type: "png", pixelRatio: 2, backgroundColor: colour("--surface") });
    chart.dispose();
    return url;
  }
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-picture]");
    if (!button) return;
    const figure = document.querySelector("[data-picture-title]");
    const url = pictureOf(figure.querySelector("[data-chart]"), figure.dataset.pictureTitle);
    if (button.dataset.picture !== "copy") return Object.assign(document.createElement("a"), { href: url, download: `${button.dataset.picture}.png` }).click();
    const bytes = Uint8Array.from(atob(url.split(",")[1]), (letter) => letter.charCodeAt(0));
    try { await navigator.clipboard.write([new ClipboardItem({ "image/png": new Blob([bytes], { type: "image/png" }) })]); deskSays(document.body.dataset.wordsCopied); }
    catch { deskSays(button.dataset.wordsFailed, "error"); }
  });

  const drawn = () => [...document.querySelectorAll("[data-chart][data-drawn]")];
  const widths = new ResizeObserver((entries) => {
    for (const { target } of entries) { const chart = echarts.getInstanceByDom(target); if (chart) chart.resize(); }
  });
  window.drawCharts = () => {
    for (const el of document.querySelectorAll("[data-chart]:not([data-drawn])")) { draw(el); widths.observe(el); }
  };
  const redraw = () => drawn().forEach(draw);
  new MutationObserver(redraw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
})();
