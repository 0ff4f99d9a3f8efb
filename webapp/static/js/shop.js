// Filters, sorting and removable chips without a reload. Without this file forms post and links go, as ever.

const results = () => document.querySelector("[data-results]");

async function show(address, { remember = true } = {}) {
  const shown = results();
  if (!shown) return;
  const open = shown.querySelector("[data-drawer]")?.open;
  shown.classList.add("is-loading");
  try {
    const answer = await fetch(address, { headers: { "X-Requested-With": "fetch" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const next = page.querySelector("[data-results]");
    if (!next) throw new Error("no results in the answer");
    const focused = document.activeElement?.closest("[data-narrow]") ? describe(document.activeElement) : null;
    shown.replaceWith(document.adoptNode(next));
    const drawer = next.querySelector("[data-drawer]");
    if (drawer && open) drawer.open = true;
    if (focused) next.querySelector(focused)?.focus({ preventScroll: true });
    document.title = page.title;
    if (remember) history.pushState(null, "", address);
  } catch {
    location.assign(address);
  }
}

function describe(field) {
  const name = `[name="${CSS.escape(field.name ?? "")}"]`;
  return field.type === "checkbox" ? `${name}[value="${CSS.escape(field.value)}"]` : name;
}

function addressOf(form) {
  const kept = [...new FormData(form)].filter(([name, value]) => value && !(name === "sort" && value === "relevance"));
  const query = new URLSearchParams(kept).toString();
  return form.action.split("?")[0] + (query ? `?${query}` : "");
}

document.addEventListener("change", (event) => {
  const form = event.target.closest("[data-narrow]");
  if (form) show(addressOf(form));
});

document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-narrow]");
  if (!form) return;
  event.preventDefault();
  show(addressOf(form));
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-swap]");
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  show(link.href);
});

if (results()) {
  document.documentElement.classList.add("has-js");
  window.addEventListener("popstate", () => show(location.href, { remember: false }));
}

// The checkout's total and communes follow the wilaya and the quantity. Without this file a button asks for them.

const checkout = document.querySelector("[data-checkout]");

async function refresh(form) {
  const answer = await fetch(form.action, {
    method: "POST",
    body: new URLSearchParams([...new FormData(form), ["update", "1"]]),
  });
  if (!answer.ok) throw new Error(String(answer.status));
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of ["[data-total-field]", ".checkout__lines", "#communes"]) {
    const next = page.querySelector(part);
    if (next) form.querySelector(part)?.replaceWith(document.adoptNode(next));
  }
}

if (checkout) {
  document.documentElement.classList.add("has-refresh");
  checkout.addEventListener("change", async (event) => {
    if (!event.target.closest("[data-refresh]")) return;
    const focused = event.target.id;
    try {
      await refresh(checkout);
      document.getElementById(focused)?.focus({ preventScroll: true });
    } catch {
      document.documentElement.classList.remove("has-refresh");
    }
  });
  document.querySelector(".checkout__wrong")?.focus();
}
