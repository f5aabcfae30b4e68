// Forms that ask the browser for a passkey, or to make one: [data-passkey="get"|"make"]. The server says in data-… what for, and judges what
// stands in the hidden fields afterwards. Without scripts the form says that it cannot be used.

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const text = (buffer) =>
  buffer ? btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "") : "";

const known = (form) =>
  (form.dataset.known ?? "").split(" ").filter(Boolean).map((id) => ({ type: "public-key", id: bytes(id) }));

async function get(form) {
  const credential = await navigator.credentials.get({
    publicKey: {
      challenge: bytes(form.dataset.challenge),
      rpId: form.dataset.site,
      allowCredentials: known(form),
      userVerification: form.dataset.verify,
    },
  });
  const answer = credential.response;
  return {
    credential: credential.id,
    client_data: text(answer.clientDataJSON),
    authenticator: text(answer.authenticatorData),
    signature: text(answer.signature),
    owner: text(answer.userHandle),
  };
}

async function make(form) {
  const credential = await navigator.credentials.create({
    publicKey: {
      challenge: bytes(form.dataset.challenge),
      rp: { id: form.dataset.site, name: form.dataset.product },
      user: { id: new TextEncoder().encode(form.dataset.owner), name: form.dataset.login, displayName: form.dataset.name },
      pubKeyCredParams: [-7, -8, -257].map((alg) => ({ type: "public-key", alg })),
      excludeCredentials: known(form),
      authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
      attestation: "none",
    },
  });
  return { client_data: text(credential.response.clientDataJSON), attestation: text(credential.response.attestationObject) };
}

export function start(form) {
  if (!window.PublicKeyCredential) {
    return;
  }
  const button = form.querySelector("button[type=submit]");
  const wrong = form.querySelector("[data-wrong]");
  form.querySelector("[data-without]").hidden = true;
  button.hidden = false;
  let asked = false;
  form.addEventListener("submit", async (event) => {
    if (asked) {
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    wrong.hidden = true;
    button.disabled = true;
    try {
      const fields = await (form.dataset.passkey === "make" ? make(form) : get(form));
      for (const [name, value] of Object.entries(fields)) {
        form.elements[name].value = value;
      }
      asked = true;
      form.submit();
    } catch {
      wrong.hidden = false;
      button.disabled = false;
    }
  }, { capture: true });
}
