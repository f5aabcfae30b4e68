// Answers while typing: the part of the page that the form names is taken from the page that the form would open.
//
//   <form action="/find" method="post" data-live-search="#found"> … <input name="at" value="/persons/search"> <input name="q" type="search"> …
//
// The words go in a header, and the address that is shown has them sealed: names stand in no history.
//
// Asked after a pause and from three characters on; an answer that is no longer wanted is dropped. The number of rows is told to
// screen readers; the arrow down goes from the box to the first link found, Escape leads back.

const PAUSE = 350;
const LEAST = 3;

// `ready` is called with each new part of the page.
export function start(form, ready) {
  const box = form.querySelector("input[type=search]");
  const target = form.dataset.liveSearch;
  let timer, asked, last = box.value;

  const said = document.createElement("p");
  said.className = "govuk-visually-hidden";
  said.setAttribute("role", "status");
  form.append(said);

  const ask = async () => {
    asked?.abort();
    asked = new AbortController();
    const { at, q, csrf, key, ...others } = Object.fromEntries(new FormData(form));
    const address = new URL(at, location.href);
    address.search = new URLSearchParams(Object.entries(others).filter(([, v]) => v !== ""));
    try {
      const answer = await fetch(address, { signal: asked.signal, headers: { Accept: "text/html", "X-Words": encodeURIComponent(q) } });
      if (!answer.ok || answer.redirected) {
        return;
      }
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const now = document.querySelector(target), then = page.querySelector(target);
      if (!now || !then) {
        return;
      }
      now.replaceWith(document.adoptNode(then));
      ready(then);
      history.replaceState(null, "", answer.headers.get("X-Address") ?? address);
      const empty = then.querySelector(".b-empty__title");
      said.textContent = empty ? empty.textContent : [...then.querySelectorAll("caption")].map((c) => `${c.textContent}: ${c.closest("table").tBodies[0].rows.length}`).join(", ");
    } catch (error) {
      if (error.name !== "AbortError") {
        throw error;
      }
    }
  };

  box.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const typed = box.value.trim();
      if (typed !== last && (typed.length >= LEAST || typed === "")) {
        last = typed;
        ask();
      }
    }, PAUSE);
  });
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    asked?.abort();
  });
  box.addEventListener("keydown", (event) => {
    const first = event.key === "ArrowDown" && document.querySelector(`${target} tbody a`);
    if (first) {
      event.preventDefault();
      first.focus();
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && event.target.closest?.(target)) {
      box.focus();
    }
  });
}
