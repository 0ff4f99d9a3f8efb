const holder = document.getElementById("swagger-ui");

const cookie = (name) =>
  document.cookie
    .split("; ")
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1);

// Someone signed in to the console may try requests at once: the cookie goes along, the header proves the page.
const withCsrf = (request) => {
  const token = cookie("csrf_access_token");
  if (token && request.method !== "GET") request.headers["X-CSRF-TOKEN"] = token;
  return request;
};

globalThis.SwaggerUIBundle({
  url: holder.dataset.document,
  domNode: holder,
  deepLinking: true,
  validatorUrl: null,
  defaultModelsExpandDepth: 0,
  requestInterceptor: withCsrf,
});
