//! What people write over their columns, in the languages our users write.

/// What a heading names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    Name,
    FirstName,
    LastName,
    Phone,
    Email,
    Consent,
    /// Exports carry these, and nobody sends them: ids, notes, times of the export.
    Nothing,
}

/// Headings in the form [`simplified`] gives them.
#[rustfmt::skip]
const HEADINGS: &[(Meaning, &[&str])] = &[
    (Meaning::Phone, &[
        "phone", "phone number", "phonenumber", "phone no", "phones", "mobile", "mobile phone", "mobile no",
        "mobile number", "cell", "cell phone", "cellphone", "cellular", "tel", "telephone",
        "telephone number", "tel no", "whatsapp", "whatsapp number", "whatsapp phone", "whatsapp no", "wa",
        "wa number", "msisdn", "contact number", "contact no", "number", "phone 1", "phone 1 value",
        "primary phone", "phone mobile", "telefone", "telemovel", "celular", "numero de telefone",
        "numero de telemovel", "numero", "fone", "telefono", "movil", "telefono movil", "numero de telefono",
        "numero de movil", "telefon", "portable", "numero de portable", "tel portable", "telephone portable",
        "mobil", "handy", "handynummer", "telefonnummer", "mobilnummer", "mobiltelefon", "rufnummer",
        "telefoon", "telefoonnummer", "mobiel", "mobiel nummer", "gsm", "gsm nummer", "cellulare",
        "numero di telefono", "numero di cellulare", "mobilni telefon", "numer telefonu", "telefon komorkowy",
        "komorka", "telefonszam", "mobilszam", "puhelin", "puhelinnumero", "cep", "cep telefonu",
        "telefon numarasi", "телефон", "номер телефона", "мобильный", "мобильный телефон", "номер",
        "мобільний", "τηλεφωνο", "κινητο", "هاتف", "رقم الهاتف", "الجوال", "جوال", "موبايل", "טלפון", "נייד",
        "मोबाइल", "फोन", "telepon", "no hp", "nomor hp", "nomor telepon", "电话", "手机", "手机号", "手机号码", "電話",
        "電話番号", "携帯", "携帯電話", "전화", "전화번호", "휴대폰",
    ]),
    (Meaning::Email, &[
        "email", "e mail", "mail", "email address", "e mail address", "emailaddress", "email 1",
        "e mail 1 value", "primary email", "endereco de email", "endereco de e mail", "correio eletronico",
        "correo", "correo electronico", "direccion de correo", "direccion de correo electronico", "courriel",
        "adresse email", "adresse e mail", "adresse mail", "e mail adresse", "emailadresse", "mailadresse",
        "e mailadres", "emailadres", "posta elettronica", "indirizzo email", "indirizzo e mail", "epost",
        "e post", "adres email", "adres e mail", "eposta", "e posta", "почта", "электронная почта", "имейл",
        "емейл", "пошта", "ηλεκτρονικη διευθυνση", "البريد الإلكتروني", "البريد", "אימייל", "דואר אלקטרוני",
        "ईमेल", "邮箱", "电子邮件", "メール", "メールアドレス", "이메일",
    ]),
    (Meaning::Name, &[
        "name", "full name", "fullname", "contact name", "customer name", "client name", "display name",
        "contact", "customer", "client", "person", "nome", "nome completo", "cliente", "contacto", "contato",
        "nombre", "nombre completo", "nombre y apellidos", "nom complet", "nom et prenom", "nom prenom",
        "prenom nom", "vollstandiger name", "naam", "volledige naam", "nome e cognome", "nominativo", "namn",
        "navn", "imie i nazwisko", "nazwa", "nev", "teljes nev", "nimi", "ad soyad", "adi soyadi", "isim",
        "имя", "фио", "полное имя", "клиент", "имя и фамилия", "ім я", "пиб", "ονομα", "ονοματεπωνυμο",
        "الاسم", "الاسم الكامل", "שם", "שם מלא", "नाम", "nama", "nama lengkap", "姓名", "名字", "氏名", "名前", "이름",
        "성명",
    ]),
    (Meaning::FirstName, &[
        "first", "first name", "firstname", "given name", "givenname", "forename", "primeiro nome",
        "nome proprio", "nombre de pila", "primer nombre", "prenom", "vorname", "voornaam", "fornamn",
        "fornavn", "imie", "keresztnev", "etunimi", "ad", "adi", "الاسم الأول", "שם פרטי", "nama depan", "名",
    ]),
    (Meaning::LastName, &[
        "last", "last name", "lastname", "surname", "family name", "familyname", "sobrenome", "apelido",
        "ultimo nome", "apellido", "apellidos", "nom", "nom de famille", "nachname", "familienname",
        "achternaam", "familienaam", "cognome", "efternamn", "etternavn", "efternavn", "nazwisko",
        "vezeteknev", "sukunimi", "soyad", "soyadi", "фамилия", "прізвище", "επωνυμο", "اسم العائلة",
        "שם משפחה", "nama belakang", "姓",
    ]),
    (Meaning::Consent, &[
        "consent", "opt in", "optin", "opted in", "opt in status", "marketing", "marketing consent",
        "marketing opt in", "accepts marketing", "accepts sms marketing", "accepts email marketing",
        "whatsapp consent", "whatsapp opt in", "whatsapp optin", "subscribed", "subscription", "newsletter",
        "gdpr", "gdpr consent", "permission", "agreed", "consentimento", "aceita", "aceita marketing",
        "aceita receber", "autoriza", "rgpd", "lgpd", "subscrito", "consentimiento", "acepta",
        "acepta marketing", "suscrito", "consentement", "accepte", "inscrit", "einwilligung", "zustimmung",
        "dsgvo", "werbeeinwilligung", "toestemming", "avg", "consenso", "samtycke", "samtykke", "zgoda",
        "zgoda marketingowa", "hozzajarulas", "suostumus", "izin", "onay", "kvkk", "согласие", "согласен",
        "подписка", "згода", "συγκαταθεση", "موافقة", "הסכמה", "सहमति", "persetujuan", "同意", "동의",
    ]),
    (Meaning::Nothing, &[
        "id", "contact id", "customer id", "record id", "uuid", "guid", "row", "no", "nr", "#", "index",
        "notes", "note", "comments", "comment", "notas", "observacoes", "observaciones", "comentarios",
        "remarques", "notizen", "bemerkung", "bemerkungen", "opmerkingen", "created at", "created",
        "updated at", "modified", "last modified", "timestamp", "exported at", "password", "iban", "passport",
    ]),
];

/// What a heading means, if it is one we know.
pub(super) fn meaning(heading: &str) -> Option<Meaning> {
    let heading = simplified(heading);
    let known = |words: &str| {
        HEADINGS.iter().find(|(_, headings)| headings.contains(&words)).map(|(meaning, _)| *meaning)
    };
    known(&heading).or_else(|| {
        // “Phone (with country code)”, “* Email”
        let first = heading.split(" with ").next().unwrap_or_default();
        known(first)
    })
}

/// Lower case, Latin accents taken off, words apart by single spaces, brackets and what is in them left away.
fn simplified(heading: &str) -> String {
    let mut text = String::with_capacity(heading.len());
    let mut depth = 0_u32;
    for character in heading.chars() {
        match character {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            '#' => text.push('#'),
            _ if character.is_alphanumeric() || is_mark(character) => {
                text.extend(
                    character
                        .to_lowercase()
                        .map(without_accent)
                        .filter(|c| !('\u{300}'..='\u{36f}').contains(c)),
                );
            }
            _ if !text.is_empty() && !text.ends_with(' ') => text.push(' '),
            _ => {}
        }
    }
    text.truncate(text.trim_end().len());
    text
}

/// Vowel signs and joiners of scripts that write them as characters of their own.
fn is_mark(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36f}' | '\u{900}'..='\u{97f}' | '\u{64b}'..='\u{65f}')
}

fn without_accent(character: char) -> char {
    match character {
        'á' | 'à' | 'â' | 'ã' | 'ä' | 'å' | 'ą' => 'a',
        'ç' | 'č' | 'ć' => 'c',
        'é' | 'è' | 'ê' | 'ë' | 'ę' | 'ě' => 'e',
        'í' | 'ì' | 'î' | 'ï' | 'ı' => 'i',
        'ñ' | 'ń' => 'n',
        'ó' | 'ò' | 'ô' | 'õ' | 'ö' | 'ø' | 'ő' => 'o',
        'ś' | 'š' | 'ş' => 's',
        'ú' | 'ù' | 'û' | 'ü' | 'ű' | 'ů' => 'u',
        'ź' | 'ż' | 'ž' => 'z',
        'ł' => 'l',
        'ğ' => 'g',
        'ά' => 'α',
        'έ' => 'ε',
        'ή' => 'η',
        'ί' => 'ι',
        'ό' => 'ο',
        'ύ' => 'υ',
        'ώ' => 'ω',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_are_known_in_many_spellings() {
        for (heading, expected) in [
            ("Mobile no.", Meaning::Phone),
            ("Telemóvel", Meaning::Phone),
            ("TELÉFONO MÓVIL", Meaning::Phone),
            ("Phone_Number", Meaning::Phone),
            ("phone (with country code)", Meaning::Phone),
            ("Handynummer*", Meaning::Phone),
            ("Номер телефона", Meaning::Phone),
            ("E-mail", Meaning::Email),
            ("Correo electrónico", Meaning::Email),
            ("Adresse e-mail", Meaning::Email),
            ("First", Meaning::FirstName),
            ("Prénom", Meaning::FirstName),
            ("Surname", Meaning::LastName),
            ("Nome completo", Meaning::Name),
            ("Opt-in", Meaning::Consent),
            ("Accepts Marketing", Meaning::Consent),
            ("Einwilligung", Meaning::Consent),
            ("Notes", Meaning::Nothing),
        ] {
            assert_eq!(meaning(heading), Some(expected), "{heading}");
        }
        for heading in ["Clinic", "Last exam", "Phone model", ""] {
            assert_eq!(meaning(heading), None, "{heading}");
        }
    }

    #[test]
    fn every_known_heading_is_in_the_form_it_is_compared_in_and_means_one_thing() {
        let mut all = HEADINGS.iter().flat_map(|(_, headings)| headings.iter().copied()).collect::<Vec<_>>();
        for heading in &all {
            assert_eq!(simplified(heading), **heading);
        }
        all.sort_unstable();
        let doubled =
            all.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect::<Vec<_>>();
        assert_eq!(doubled, Vec::<&str>::new());
    }
}
