"use strict";

// Before Scalar: what it would do against the page's Content-Security-Policy.
{
  // Its library for forms would try `eval`.
  globalThis.__zod_globalConfig = { jitless: true };

  // It reads the nonce for one of its styles and not for the others.
  const nonce = document.querySelector('meta[property="csp-nonce"]').content;
  const create = document.createElement.bind(document);
  document.createElement = (name, options) => {
    const element = create(name, options);
    if (name === "style") element.nonce = nonce;
    return element;
  };
}
