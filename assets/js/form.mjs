// Forms: to the first error, never sent twice by a double click, not lost by a careless click on a link.

// Moves the keyboard to the summary of errors, and from its links into the fields.
export function showFirstError(summary) {
  if (!summary) {
    return;
  }
  summary.tabIndex = -1;
  summary.focus();
  summary.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    const field = link && document.getElementById(link.hash.slice(1));
    if (field) {
      event.preventDefault();
      const box = field.closest("fieldset, .govuk-form-group") ?? field;
      box.scrollIntoView();
      field.focus({ preventScroll: true });
    }
  });
}

// A form that came back with errors answers a POST. Going back to it, or loading it again, would end at the browser's
// "send the form again?"; the address of the page that had the form, from which it was sent, leads to an empty form instead.
export function answersGet(sentBack) {
  // a page with a secret address tells no more than the origin
  if (sentBack && document.referrer.startsWith(`${location.origin}/`) && document.referrer !== `${location.origin}/`) {
    history.replaceState(null, "", document.referrer);
  }
}

export function guardForm(form) {
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) {
      event.preventDefault();
      return;
    }
    sent = true;
    // A file to save leaves the page where it is: allow the next press after a while.
    setTimeout(() => (sent = false), 3000);
  });

  if (!form.hasAttribute("data-warn-leaving")) {
    return;
  }
  const written = () => new URLSearchParams(new FormData(form)).toString();
  const before = written();
  addEventListener("beforeunload", (event) => {
    if (!sent && (form.hasAttribute("data-changed") || written() !== before)) {
      event.preventDefault();
      event.returnValue = "";
    }
  });
}
