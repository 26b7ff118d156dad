// Draws every [data-chart] from the JSON beside it, with the colours of the theme. Loaded by app.js after ECharts.
"use strict";
(() => {
  const tones = { neg: "--neg", neu: "--neu", pos: "--pos", accent: "--accent", ink: "--ink-2" };
  const still = matchMedia("(prefers-reduced-motion: reduce)");

  function options(data, colour, font) {
    const stacked = data.kind === "area";
    const series = data.series.map((one) => ({
      name: one.name, type: "line", symbol: data.labels.length > 1 ? "none" : "circle", symbolSize: 8, data: one.values, stack: stacked ? "all" : undefined,
      itemStyle: { color: colour(tones[one.tone] || "--accent") },
      lineStyle: { width: stacked ? 0 : 2, color: colour(tones[one.tone] || "--accent") },
      areaStyle: stacked ? { opacity: 0.85, color: colour(tones[one.tone] || "--accent") } : undefined,
      emphasis: { disabled: true },
    }));
    if (data.band) {  // two lines on top of one another, the space between them filled
      const plain = { type: "line", symbol: "none", stack: "band", silent: true, lineStyle: { width: 0 }, itemStyle: { color: colour("--neu") }, tooltip: { show: false } };
      series.unshift(
        { ...plain, name: "", data: data.band.low },
        { ...plain, name: data.band.name, data: data.band.high.map((high, i) => high - data.band.low[i]), areaStyle: { opacity: 0.25, color: colour("--neu") } },
      );
    }
    const label = { color: colour("--ink-2"), fontSize: 12, formatter: "{b}" };
    const lines = (data.marks || []).filter((mark) => data.labels.includes(mark.at)).map((mark) => ({ name: mark.name, xAxis: mark.at }));
    if (data.threshold) lines.push({ name: data.threshold.name, yAxis: data.threshold.value, label: { position: "insideEndTop" } });
    if (lines.length) series[series.length - 1].markLine = { symbol: "none", silent: true, lineStyle: { color: colour("--ink-3"), type: "dashed" }, label, data: lines };
    return {
      animation: !still.matches, animationDuration: 300,
      aria: { enabled: true, label: { description: data.label }, decal: { show: stacked, decals: [{ symbol: "none" }, { symbol: "line", dashArrayX: [1, 0], dashArrayY: [1, 6], rotation: 0.8, color: "rgba(0,0,0,.18)" }, { symbol: "none" }] } },
      textStyle: { fontFamily: font },
      grid: { left: 8, right: 16, top: 28, bottom: 4, containLabel: true },
      tooltip: { trigger: "axis", renderMode: "richText", confine: true, backgroundColor: colour("--surface"), borderColor: colour("--line"), textStyle: { color: colour("--ink"), fontSize: 13 } },
      xAxis: { type: "category", data: data.labels, boundaryGap: false, axisLine: { lineStyle: { color: colour("--line") } }, axisTick: { show: false }, axisLabel: { color: colour("--ink-3"), hideOverlap: true } },
      yAxis: { type: "value", splitNumber: 3, minInterval: 1, axisLabel: { color: colour("--ink-3") }, splitLine: { lineStyle: { color: colour("--line") } } },
      series,
    };
  }

  function draw(el) {
    const old = echarts.getInstanceByDom(el);
    if (old) old.dispose();
    const style = getComputedStyle(document.documentElement), colour = (name) => style.getPropertyValue(name).trim();
    const name = el.getAttribute("aria-label");
    const chart = echarts.init(el, null, { renderer: "svg" });
    chart.setOption(options(JSON.parse(document.getElementById(el.dataset.chart).textContent), colour, getComputedStyle(document.body).fontFamily));
    el.setAttribute("aria-label", name);
    el.dataset.drawn = "";
  }
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
