// The few lines of client script. Every page works without them; nothing here draws a page or holds its state.

/** Runs `action` for the closest ancestor of the clicked thing that matches `selector`. */
const onClick = (selector, action) =>
  document.addEventListener('click', (event) => {
    const element = event.target instanceof Element ? event.target.closest(selector) : null
    if (element) action(element, event)
  })

/** Says something to screen readers, and to the eye through the element that asked. */
const say = (text) => {
  const status = document.getElementById('status')
  if (status) status.textContent = text
}

// Copy buttons: <button data-copy="id of the element whose text is copied">. Shown only when the script runs.
onClick('[data-copy]', async (button) => {
  const source = document.getElementById(button.dataset.copy)
  if (!source) return
  const label = button.dataset.label ?? button.textContent
  button.dataset.label = label
  try {
    await navigator.clipboard.writeText(source.value ?? source.textContent)
    button.textContent = 'Copied'
    say('Copied to the clipboard')
  } catch {
    getSelection()?.selectAllChildren(source)
    button.textContent = 'Selected: press Ctrl+C'
  }
  setTimeout(() => {
    button.textContent = label
  }, 2000)
})

// The log's moments as a slider: a <select data-moments> becomes <input type=range> with the chosen moment beside it; now is at
// the right end.
const slide = (select) => {
  const options = [...select.options]
  const range = document.createElement('input')
  const output = document.createElement('output')
  Object.assign(range, {
    type: 'range',
    min: '0',
    max: String(options.length - 1),
    step: '1',
    id: `${select.id}-range`,
  })
  range.value = String(options.length - 1 - select.selectedIndex)
  range.setAttribute('aria-label', 'Moment in the history')
  const show = () => {
    select.selectedIndex = options.length - 1 - Number(range.value)
    output.textContent = select.selectedOptions[0].textContent
    range.setAttribute('aria-valuetext', output.textContent)
  }
  range.addEventListener('input', show)
  // To let go of the mouse is enough; on the keyboard, which goes step by step, Enter or the button says when.
  let held = false
  range.addEventListener('pointerdown', () => {
    held = true
  })
  range.addEventListener('keydown', () => {
    held = false
  })
  range.addEventListener('change', () => {
    if (held) select.form.requestSubmit()
  })
  select.hidden = true
  select.after(range)
  select.form.append(output)
  show()
}

// Filter boxes for long lists on the page: <input data-filter="id of a tbody or a list">.
document.addEventListener('input', (event) => {
  const box = event.target
  if (!(box instanceof HTMLInputElement) || !box.dataset.filter) return
  const words = box.value.toLowerCase().split(/\s+/).filter(Boolean)
  const rows = document.getElementById(box.dataset.filter)?.children ?? []
  let shown = 0
  for (const row of rows) {
    const text = row.textContent.toLowerCase()
    row.hidden = !words.every((word) => text.includes(word))
    if (!row.hidden) shown += 1
  }
  say(`${shown} shown`)
})
// Enter would send the form around the box.
document.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && event.target.matches?.('input[data-filter]')) event.preventDefault()
})

// Upload: <form data-upload> posts by XMLHttpRequest, so that progress shows and it can be stopped. The answer is a
// redirect to the next page, or a page that says what is wrong, as without the script.
const upload = (form) => {
  const panel = form.querySelector('[data-upload-progress]')
  if (!panel) return form.submit()
  const bar = panel.querySelector('progress')
  const text = panel.querySelector('[data-upload-text]')
  const controls = form.querySelectorAll('button[type=submit]')
  const request = new XMLHttpRequest()
  const started = performance.now()
  const finish = (message) => {
    for (const control of controls) control.disabled = false
    text.textContent = message
  }
  for (const control of controls) control.disabled = true
  panel.hidden = false
  request.upload.addEventListener('progress', ({ lengthComputable, loaded, total }) => {
    if (!lengthComputable) return
    bar.max = total
    bar.value = loaded
    const speed = loaded / 1e6 / ((performance.now() - started) / 1000)
    text.textContent = `${(loaded / 1e6).toFixed(1)} of ${(total / 1e6).toFixed(1)} MB, ${speed.toFixed(1)} MB/s`
  })
  request.upload.addEventListener('load', () => {
    bar.removeAttribute('value')
    text.textContent = 'Uploaded. Reading the file…'
  })
  request.addEventListener('load', () => {
    const moved = request.responseURL && request.responseURL !== new URL(form.action).href
    if (request.status < 400 && moved) return location.assign(request.responseURL)
    const page = new DOMParser().parseFromString(request.responseText, 'text/html')
    const main = page.querySelector('main')
    if (!main) return finish(`The server answered ${request.status}. Nothing was stored; please try again.`)
    document.querySelector('main').replaceWith(document.adoptNode(main))
    enhance(main)
    main.querySelector('[autofocus], [role=alert]')?.focus()
  })
  request.addEventListener('error', () => finish('The connection broke. Nothing was stored; please try again.'))
  request.addEventListener('abort', () => finish('Stopped. Nothing was stored.'))
  panel.querySelector('[data-upload-stop]')?.addEventListener('click', () => request.abort(), { once: true })
  request.open(form.method, form.action)
  request.setRequestHeader('Accept', 'text/html')
  request.setRequestHeader('X-Requested-With', 'XMLHttpRequest') // the page that it leads to keeps its message for us
  const data = new FormData(form)
  // What was typed in another form of the page goes along, so that it is not lost with the page.
  const typed = form.dataset.uploadWith ? document.getElementById(form.dataset.uploadWith) : null
  if (typed) for (const [name, value] of new FormData(typed)) data.append(name, value)
  request.send(data)
}
// What was typed in a form is not lost by sending another one, unless it goes along.
document.addEventListener('input', (event) => {
  if (event.target.form?.hasAttribute('data-keep')) event.target.form.dataset.typed = ''
})
const loses = (form) =>
  [...document.querySelectorAll('form[data-keep][data-typed]')].some(
    (other) => other !== form && other.id !== form.dataset.uploadWith,
  )
document.addEventListener('submit', (event) => {
  const form = event.target
  if (loses(form) && !confirm('What you typed is not saved yet, and would be lost. Go on without it?'))
    return event.preventDefault()
  const question = event.submitter?.dataset.confirm ?? form.dataset.confirm
  if (question && !confirm(question)) return event.preventDefault()
  if (!form.matches('[data-upload]') || event.submitter?.hasAttribute('formaction')) return
  event.preventDefault()
  upload(form)
})

// Drop zones: a <label data-drop> around a file input takes dropped files and names them.
const names = (input) => {
  const list = input.closest('[data-drop]')?.querySelector('[data-drop-names]')
  if (!list) return
  list.replaceChildren(
    ...[...input.files].map((file) => {
      const item = document.createElement('li')
      item.textContent = `${file.name} · ${(file.size / 1e6).toFixed(file.size < 1e6 ? 3 : 1)} MB`
      return item
    }),
  )
}
document.addEventListener('change', (event) => {
  if (event.target instanceof HTMLInputElement && event.target.type === 'file') names(event.target)
})
for (const kind of ['dragover', 'dragleave', 'drop']) {
  document.addEventListener(kind, (event) => {
    const zone = event.target instanceof Element ? event.target.closest('[data-drop]') : null
    if (!zone) return
    event.preventDefault()
    zone.classList.toggle('over', kind === 'dragover')
    if (kind !== 'drop') return
    const input = zone.querySelector('input[type=file]')
    input.files = event.dataTransfer.files
    names(input)
  })
}

/** What must be done to elements once they are on the page: at load, and after htmx or an upload put new ones in. */
function enhance(root) {
  for (const hidden of root.querySelectorAll('[data-script-only]')) hidden.hidden = false
  for (const select of root.querySelectorAll('select[data-moments]:not([hidden])')) slide(select)
}
enhance(document)

// htmx gives the focus back to the element with the same id. When there is none any more, e.g. "Next" on the last page, the
// keyboard goes on at the title of what is new.
let focused = false
document.addEventListener('htmx:before:swap', () => {
  focused = document.activeElement !== document.body
})
document.addEventListener('htmx:after:swap', () => {
  enhance(document)
  if (focused && document.activeElement === document.body) {
    document.querySelector('#list-title, #preview-title')?.focus({ preventScroll: true })
  }
})

// An address may name a menu of its page, e.g. `/product/42_x#menu-share`: it is opened.
const openNamed = () => {
  if (/^#[\w-]+$/.test(location.hash)) document.querySelector(`[popovertarget="${location.hash.slice(1)}"]`)?.click()
}
openNamed()
addEventListener('hashchange', openNamed)
