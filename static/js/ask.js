// Examples fill the question; a question on its way says so.
const form = document.querySelector("[data-ask]");
const question = form.querySelector("textarea");

for (const example of form.querySelectorAll("[data-example]")) {
  example.addEventListener("click", () => {
    question.value = example.textContent;
    question.focus();
    question.setSelectionRange(question.value.indexOf("…"), question.value.indexOf("…") + 1);
  });
}

question.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
});

form.addEventListener("submit", () => {
  form.querySelector("button:not([type])").disabled = true;
  form.querySelector("[data-busy]").textContent = "Working it out…";
});

// A page that the browser kept is shown as it was: the form is free again.
addEventListener("pageshow", () => {
  form.querySelector("button:not([type])").disabled = false;
  form.querySelector("[data-busy]").textContent = "";
});
