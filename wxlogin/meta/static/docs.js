"use strict";

const { dataset } = document.getElementById("docs");
const asked = new URLSearchParams(location.search).get("part") ?? "client";
Scalar.createApiReference("#docs", {
  sources: ["client", "services", "admin"].map((part) => ({
    slug: part,
    title: dataset[`${part}Title`],
    url: dataset[part],
    default: part === asked,
  })),
  servers: [{ url: location.origin }],
  localization: { locale: document.documentElement.lang },
  defaultHttpClient: { targetKey: "shell", clientKey: "curl" },
  // Nothing leaves for elsewhere, and the tokens that a reader tries stay in the page's memory.
  agent: { disabled: true },
  mcp: { disabled: true },
  hideClientButton: true,
  persistAuth: false,
  showDeveloperTools: "never",
  telemetry: false,
  withDefaultFonts: false,
});
