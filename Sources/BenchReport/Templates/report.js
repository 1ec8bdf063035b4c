// Only comfort: everything can be read without it.
(() => {
  const form = document.querySelector("form.filter"), search = form.querySelector("input[type=search]")
  const failuresOnly = form.querySelector("input[type=checkbox]"), said = form.querySelector("output")
  const tests = [...document.querySelectorAll("details.test")], files = [...document.querySelectorAll("details.file")]
  form.hidden = false
  form.addEventListener("submit", event => event.preventDefault())
  const filter = () => {
    const words = search.value.toLowerCase()
    let shown = 0
    for (const test of tests) {
      const isFailure = test.matches(".failed, .error, .bench-broken")
      const name = test.closest(".file").querySelector("h2").textContent + " " + test.querySelector("h3").textContent
      test.hidden = failuresOnly.checked && !isFailure || !name.toLowerCase().includes(words)
      if (!test.hidden) shown += 1
    }
    const isAsked = words !== "" || failuresOnly.checked
    for (const file of files) {
      const some = file.querySelector("details.test:not([hidden])")
      // One that could not be run has no test to find, and is a failure.
      const itself = file.matches(".error") && file.querySelector("h2").textContent.toLowerCase().includes(words)
      file.hidden = isAsked && !some && !itself
      if (isAsked && (some || itself)) file.open = true
    }
    said.textContent = isAsked ? `${shown} of ${tests.length} tests` : ""
  }
  form.addEventListener("input", filter)
  const reveal = () => {
    const target = location.hash && document.getElementById(location.hash.slice(1))
    for (let node = target; node; node = node.parentElement) if (node.tagName === "DETAILS") node.open = true
    if (target) target.scrollIntoView()
  }
  addEventListener("hashchange", reveal)
  reveal()
  if (navigator.clipboard) {
    for (const button of document.querySelectorAll("button.copy")) {
      button.hidden = false
      button.addEventListener("click", () => {
        navigator.clipboard.writeText(button.parentElement.querySelector("code").textContent).then(() => { button.textContent = "Copied" })
      })
    }
  }
})()
