"use strict";

const place = document.getElementById("docs");
SwaggerUIBundle({
  domNode: place,
  url: place.dataset.document,
  deepLinking: true,
  // The tokens that a reader tries stay in the page's memory.
  persistAuthorization: false,
  validatorUrl: null,
});
