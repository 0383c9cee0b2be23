// Files of people: whole ones, with what must become of them, and broken ones, with what must be said.

const headings = "Name,Mobile,City,Points,Newsletter";
const first = ["Ana", "Duarte", "Inês", "Tiago", "Marta", "Rui", "Sofia", "Miguel", "Otávio", "João", "Gonçalo"];
const last = ["Almeida", "Barros", "Carvalho", "Esteves", "Ferreira", "Gomes", "Queirós", "Ramos", "Xavier"];
const cities = ["Porto", "Lisboa", "Braga", "Coimbra", "Aveiro", "Faro", "Évora"];

/** As a file input takes it. */
export function csv(name, content) {
  return { name, mimeType: "text/csv", buffer: Buffer.isBuffer(content) ? content : Buffer.from(content, "utf8") };
}

const name = (n) => `${first[n % first.length]} ${last[n % last.length]}`;

// A Portuguese mobile number; a step without common factors scatters them without repeating one.
const mobile = (n) => `91${1_000_000 + ((n * 7_919 + 13) % 8_900_000)}`;
const spaced = (digits) => `${digits.slice(0, 3)} ${digits.slice(3, 6)} ${digits.slice(6)}`;

/** Numbers to which the sandbox does the same every time: undeliverable, STOP, refused at once, a button. */
const special = ["912990001", "912990010", "912990014", "912990015"];

/**
 * Customers of a shop as its till exports them: numbers without a country code and some with one, empty cells, people
 * who said no, somebody twice, and rows that cannot be used. `from` is where in the endless row of invented people it
 * begins, so that two files share nobody. Comes with what must become of it.
 */
export function customers(fileName, { rows = 1_000, from = 0, withSpecial = false } = {}) {
  const lines = [headings];
  const reached = [];
  const counts = { rows, assumed: 0, written: 0, repeated: 0, skipped: 0, optedOut: 0 };
  const problems = [];
  const line = (n, phone, city, agreed) => lines.push(`${name(n)},${phone},${city},${20 + (n % 280)},${agreed}`);
  const skip = (text, problem) => {
    problems.push({ line: lines.push(text), problem });
    counts.skipped += 1;
  };
  for (let n = 0; n < rows; n++) {
    const number = withSpecial && n < special.length ? special[n] : mobile(from + n);
    const city = n % 11 === 0 ? "" : cities[n % cities.length];
    const place = n % 100;
    if (place === 20) skip(`${name(n)},12,${city},20,yes`, /short/);
    else if (place === 30) skip(`${name(n)},${spaced(number)}`, /2 cells where the headings have 5/);
    else if (place === 10) {
      // With its country code: there it stays.
      const spanish = `6123${String(from + n).padStart(5, "0")}`;
      line(n, `+34 ${spanish}`, city, "yes");
      reached.push(`34${spanish}`);
      counts.written += 1;
    } else {
      // Fifty is the person of the line before.
      const repeats = place === 50;
      const agrees = place !== 40;
      line(n, spaced(repeats ? mobile(from + n - 1) : number), city, agrees ? "yes" : "no");
      if (agrees && !repeats) reached.push(`351${number}`);
      counts.assumed += 1;
      counts.repeated += Number(repeats);
      counts.optedOut += Number(!agrees);
    }
  }
  const people = rows - counts.skipped - counts.repeated;
  return { file: csv(fileName, `${lines.join("\r\n")}\r\n`), counts: { ...counts, people }, reached, problems };
}

/** A long file of people with nothing wrong. */
export function many(fileName, rows) {
  const lines = [headings];
  for (let n = 0; n < rows; n++) lines.push(`${name(n)},${spaced(mobile(n))},${cities[n % cities.length]},20,yes`);
  return csv(fileName, lines.join("\n"));
}

const latin1 = (text) => Buffer.from(text, "latin1");

/** Files of which nothing may be imported, with the sentence that says why. */
export const unusable = [
  {
    what: "no column with a number",
    file: csv("no-numbers.csv", "Name,City\nAna,Porto\nRui,Faro\n"),
    says: /no column with phone numbers or email addresses.*Name, City/,
  },
  { what: "an empty file", file: csv("empty.csv", ""), says: /The file is empty/ },
  { what: "headings alone", file: csv("headings.csv", `${headings}\n`), says: /headings but no rows/ },
  {
    what: "a binary file",
    file: csv("photo.csv", Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13])),
    says: /an image, not a CSV file/,
  },
  {
    what: "a workbook",
    file: csv("people.csv", Buffer.concat([latin1("PK\x03\x04"), Buffer.alloc(200, 7)])),
    says: /a spreadsheet workbook, not a CSV file/,
  },
];

/** Files some rows of which cannot be used, with the line and the reason that must be named. */
export const damaged = [
  {
    what: "ragged rows",
    file: csv("ragged.csv", `${headings}\nAna Almeida,912 345 671,Porto,20,yes\nRui,912 345 672\n`),
    people: 1,
    line: 3,
    says: /2 cells where the headings have 5/,
  },
  {
    what: "two encodings in one file",
    file: csv(
      "mixed.csv",
      Buffer.concat([
        Buffer.from(`${headings}\nInês Gomes,912 345 673,Évora,20,yes\nJoão Barros,912 345 674,Faro,20,yes\n`, "utf8"),
        latin1("Gonçalo Ramos,912 345 675,Évora,20,yes\n"),
      ]),
    ),
    people: 2,
    line: 4,
    says: /not written in UTF-8 like the rest of the file/,
  },
];
