// Who is perhaps registered already, shown beside the form while it is being filled.
//
//   <form …>…<div data-alike="/persons/alike" aria-live="polite"></div>…<button data-alike-button>…</button></form>
//
// The address takes the form as it stands and answers with the new inside of the element. It is asked when a field has been left
// and something that is compared has changed. The button for those without scripts is not needed then. A choice that
// was made stays made while the same person is still offered.

const COMPARED = ["family_name", "given_name", "patronymic", "birth_date", "sex", "birth_place", "snils", "iin", "phone", "address"];

export function start(element) {
  const form = element.closest("form");
  if (!form) {
    return;
  }
  form.querySelector("[data-alike-button]")?.remove();
  const said = () => COMPARED.map((name) => form.elements[name]?.value ?? "").join("\u001f");
  let asked = said();
  let running = null;

  async function ask() {
    const now = said();
    if (now === asked) {
      return;
    }
    asked = now;
    running?.abort();
    running = new AbortController();
    const chosen = form.querySelector("input[name=twin]:checked")?.value;
    const body = new URLSearchParams();
    for (const name of [...COMPARED, "csrf"]) {
      body.set(name, form.elements[name]?.value ?? "");
    }
    try {
      const answer = await fetch(element.dataset.alike, { method: "POST", body, headers: { Accept: "text/html" }, signal: running.signal });
      if (!answer.ok || answer.redirected) {
        return;
      }
      element.innerHTML = await answer.text();
      const again = chosen && element.querySelector(`input[name=twin][value="${CSS.escape(chosen)}"]`);
      if (again) {
        again.checked = true;
      }
    } catch {
      // what cannot be asked now is asked when the form is sent
    }
  }

  form.addEventListener("change", ask);
}
