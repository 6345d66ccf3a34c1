/**
 * The files of a form: taken in one by one when the form is sent, and named in its answers as `[{ id, name }]`.
 *
 * form-js keeps chosen files under a key (`files::1`) that means nothing to anybody else.
 */
import { Refused, send } from '../net.js';

const KEY = 'files::';

export class Files {
  #fields; #earlier; #texts; #known = new WeakMap();

  /** `texts` are the island's data: `upload` (address), `uploadFor` (a user task), `uploadMost` (bytes), `textTooLarge`. */
  constructor(schema, data, texts) {
    this.#fields = [...fileFields(schema)];
    this.#earlier = Object.fromEntries(this.#fields.map((key) => [key, data?.[key]]).filter(([, value]) => Array.isArray(value)));
    this.#texts = texts;
  }

  /** What form-js can show of some values: not the files of an earlier time. */
  shown(values) {
    return values && Object.fromEntries(Object.entries(values).filter(([key]) => !this.#fields.includes(key)));
  }

  /** The answers with every chosen file taken in; where none was chosen the earlier ones stay. */
  async settled(data, chosen) {
    const answers = { ...data };
    for (const key of this.#fields) {
      if (!(key in answers)) continue;
      const files = typeof answers[key] === 'string' && answers[key].startsWith(KEY) ? chosen?.get(answers[key]) ?? [] : [];
      answers[key] = files.length ? [] : this.#earlier[key] ?? null;
      for (const file of files) answers[key].push(await this.#named(key, file));
    }
    return answers;
  }

  /** What is wrong with a file is said at its field. */
  async #named(key, file) {
    try {
      return await this.#taken(file);
    } catch (problem) {
      if (!(problem instanceof Refused)) throw problem;
      const said = problem.status === 413 ? this.#texts.textTooLarge : problem.fields.file ?? problem.message;
      throw new Refused(problem.status, { code: problem.code, message: said, fields: { [key]: `${file.name}: ${said}` } });
    }
  }

  /** A file is sent once, however often the form is. */
  #taken(file) {
    if (file.size > Number(this.#texts.uploadMost)) throw new Refused(413, {});
    if (!this.#known.has(file)) {
      const form = new FormData();
      form.append('file', file, file.name);
      if (this.#texts.uploadFor) form.append('user_task_id', this.#texts.uploadFor);
      const sent = send('POST', this.#texts.upload, form).then(({ id, name }) => ({ id, name }));
      sent.catch(() => this.#known.delete(file));
      this.#known.set(file, sent);
    }
    return this.#known.get(file);
  }
}

function* fileFields(component) {
  if (component.type === 'filepicker' && component.key) yield component.key;
  for (const child of component.components ?? []) yield* fileFields(child);
}
