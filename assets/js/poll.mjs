// A piece of a page that follows work on the server.
//
//   <div data-poll="/imports/7/progress" data-poll-every="1000" aria-live="polite">…</div>
//
// The address answers with the new inside of the element. "204 No Content", or an answer whose header X-Done is 1,
// ends it; with X-Done the whole page is loaded anew, because what can be done next has changed.
// Failures are waited out: the pause doubles up to half a minute. A hidden tab does not ask.

export function start(element) {
  const every = Math.max(500, Number(element.dataset.pollEvery) || 1000);
  let pause = every;

  const again = () => setTimeout(ask, pause);

  async function ask() {
    if (!element.isConnected) {
      return;
    }
    if (document.hidden) {
      document.addEventListener("visibilitychange", ask, { once: true });
      return;
    }
    try {
      const answer = await fetch(element.dataset.poll, { headers: { Accept: "text/html" }, cache: "no-store" });
      if (answer.status === 204) {
        return;
      }
      if (answer.headers.get("X-Done") === "1") {
        location.reload();
        return;
      }
      // A redirect means that the session has ended: let the page itself go to the login.
      if (answer.redirected) {
        location.reload();
        return;
      }
      if (!answer.ok) {
        throw new Error(answer.status);
      }
      element.innerHTML = await answer.text();
      pause = every;
    } catch {
      pause = Math.min(30000, pause * 2);
    }
    again();
  }

  again();
}
