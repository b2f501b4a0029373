/* What HTML alone cannot do. Every page works without this file. */
(() => {
  "use strict";

  const byId = (id) => document.getElementById(id);

  /* Announce progress politely: an element with data-announce has its words read once per change,
     also when htmx replaces the element itself. */
  let lastWords = "";
  const announce = (words) => {
    const place = byId("announcer");
    if (!place || !words || words === lastWords) return;
    lastWords = words;
    place.textContent = words;
  };
  const announceFrom = (root) => {
    const source = root.querySelector("[data-announce]");
    if (source) announce(source.textContent.trim().replace(/\s+/g, " "));
  };

  /* Ask before a form marked data-confirm is sent. The question is in the form's own attributes. */
  const ask = (title, text, button, danger, proceed) => {
    const dialog = byId("confirm");
    if (!dialog || !dialog.showModal) return proceed();
    dialog.querySelector("h2").textContent = title;
    dialog.querySelector("p").textContent = text || "";
    const yes = dialog.querySelector("button[value=yes]");
    yes.textContent = button || yes.dataset.label;
    yes.classList.toggle("danger", danger);
    dialog.returnValue = "";
    dialog.addEventListener("close", () => dialog.returnValue === "yes" && proceed(), { once: true });
    dialog.showModal();
  };
  const agreed = new WeakSet();
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const { submitter } = event;
    const asked = submitter && submitter.dataset.confirm ? submitter : form;
    if (!asked.dataset || !asked.dataset.confirm || agreed.delete(form)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    ask(asked.dataset.confirm, asked.dataset.confirmText, asked.dataset.confirmButton,
      "confirmDanger" in asked.dataset, () => {
        agreed.add(form);
        form.requestSubmit(submitter);
      });
  }, true);
  document.addEventListener("htmx:confirm", (event) => {
    if (!event.detail.question) return;
    event.preventDefault();
    ask(event.detail.question, "", "", false, () => event.detail.issueRequest(true));
  });

  /* Copy buttons appear only where copying can work. */
  const showCopyButtons = (root) => {
    if (!navigator.clipboard) return;
    root.querySelectorAll("button[data-copy][hidden]").forEach((button) => { button.hidden = false; });
  };
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button[data-copy]");
    if (button) {
      const source = byId(button.dataset.copy);
      try {
        await navigator.clipboard.writeText(source.value || source.textContent.trim());
        button.textContent = button.dataset.copied;
        announce(button.dataset.copied);
      } catch {
        window.getSelection().selectAllChildren(source);
      }
    }
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  });

  /* A link of the error summary that names a group of choices leads to its first box. */
  document.addEventListener("click", (event) => {
    const link = event.target.closest(".error-summary a[href^='#']");
    const target = link && byId(link.hash.slice(1));
    const field = target && (target.matches("input, select, textarea") ? target : target.querySelector("input, select, textarea"));
    if (!field) return;
    event.preventDefault();
    field.focus();
  });

  /* The reader's time zone, for the server to write times in. */
  const rememberZone = () => {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const pair = `timezone=${encodeURIComponent(zone || "")}`;
    if (!zone || document.cookie.split("; ").includes(pair)) return;
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `${pair}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
  };

  /* What a person pressed went away with the old fragment: the focus goes to the heading of what is
     open now, else to the first heading a script may focus. A poll never moves it. */
  const keepFocus = (root, request) => {
    const active = document.activeElement;
    if (!request || !request.triggeringEvent || (active && active !== document.body)) return;
    const heading = root.querySelector("li.current :is(h2, h3)[tabindex]") || root.querySelector(":is(h2, h3)[tabindex]");
    if (heading) heading.focus();
  };

  /* A poll brings a fragment anew: what somebody opened in the old one is opened again, and the
     focus stays on the line that opens it. A line is known by its words, without its numbers. */
  let kept = [];
  const opener = (details) => {
    const summary = details.querySelector("summary");
    const near = details.closest("[id]");
    const words = summary && (summary.querySelector("b") || summary).textContent.replace(/\d+/g, "").trim();
    return `${near ? near.id : ""} ${words}`;
  };
  document.addEventListener("htmx:beforeSwap", (event) => {
    const active = document.activeElement;
    kept = [...event.detail.target.querySelectorAll("details:not(.menu)")]
      .map((details) => [opener(details), details.open, details.contains(active) && active.matches("summary")])
      .filter(([, open, focused]) => open || focused);
  });
  document.addEventListener("htmx:afterSwap", () => {
    const again = kept;
    kept = [];
    again.forEach(([key, open, focused]) => {
      const details = [...document.querySelectorAll("details:not(.menu)")].find((one) => opener(one) === key);
      if (!details) return;
      if (open) details.open = true;
      if (focused) details.querySelector("summary").focus({ preventScroll: true });
    });
  });

  /* Staff who look at a customer's pages send nothing: what would be refused cannot be pressed. */
  const onlyLook = () => {
    const banner = document.querySelector("[data-viewing]");
    if (!banner) return;
    document.querySelectorAll("main form[method=post] button, main button[form]").forEach((button) => {
      button.disabled = true;
      button.title = banner.dataset.viewing;
    });
  };

  /* htmx: a fragment came, or did not come. */
  document.addEventListener("htmx:afterSettle", (event) => {
    const root = event.target.parentElement || document;
    onlyLook();
    announceFrom(root);
    showCopyButtons(root);
    keepFocus(root, event.detail.requestConfig);
  });
  const failed = (event) => {
    const refused = event.detail.xhr && event.detail.xhr.status === 403 && byId("request-refused");
    const words = refused || byId("request-failed");
    const place = byId("messages");
    if (!words || !place || place.querySelector("[data-failed]")) return;
    place.append(words.content.cloneNode(true));
    announce(place.lastElementChild.textContent.trim());
  };
  document.addEventListener("htmx:responseError", failed);
  document.addEventListener("htmx:sendError", failed);
  document.addEventListener("htmx:afterRequest", (event) => {
    const old = document.querySelector("#messages [data-failed]");
    if (event.detail.successful && old) old.remove();
  });

  rememberZone();
  onlyLook();
  showCopyButtons(document);
})();
