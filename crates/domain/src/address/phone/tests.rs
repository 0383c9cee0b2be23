use super::*;

fn country(code: &str) -> Option<CountryCode> {
    Some(code.parse().expect("a country"))
}

fn parsed(text: &str, default: Option<CountryCode>) -> (String, Option<CountryCode>, bool) {
    let phone = PhoneNumber::parse(text, default).unwrap_or_else(|error| panic!("{text}: {error}"));
    (phone.number.as_str().to_owned(), phone.region, phone.country_assumed)
}

#[test]
fn a_number_with_a_country_code_needs_no_default() {
    for (text, number, region) in [
        ("+351 912 345 678", "+351912345678", "PT"),
        ("+44 (0)20 7946 0958", "+442079460958", "GB"),
        ("tel:+1-415-555-2671", "+14155552671", "US"),
        ("+1 (416) 555-2671", "+14165552671", "CA"),
        ("00351912345678", "+351912345678", "PT"),
        ("p:+5511987654321", "+5511987654321", "BR"),
        ("'+4915112345678", "+4915112345678", "DE"),
        ("＋８１ ９０ １２３４ ５６７８", "+819012345678", "JP"),
        ("+39 02 3661 8300", "+390236618300", "IT"),
        ("+52 1 55 1234 5678", "+525512345678", "MX"),
        ("\u{202a}+49 30 901820\u{202c}", "+4930901820", "DE"),
    ] {
        assert_eq!(parsed(text, None), (number.to_owned(), country(region), false), "{text}");
    }
}

#[test]
fn a_number_without_one_takes_the_default_and_says_so() {
    for (text, default, number) in [
        ("912345678", "PT", "+351912345678"),
        ("07400 123456", "GB", "+447400123456"),
        ("0151/12345678", "DE", "+4915112345678"),
        ("(415) 555-2671", "US", "+14155552671"),
        ("351912345678", "PT", "+351912345678"),
        ("912345678.0", "PT", "+351912345678"),
        ("8 (912) 345-67-89", "RU", "+79123456789"),
        ("06 30 123 4567", "HU", "+36301234567"),
        ("٠٥٠١٢٣٤٥٦٧", "SA", "+966501234567"),
        ("011 15 2345-6789", "AR", "+5491123456789"),
        ("0 15 11 98765-4321", "BR", "+5511987654321"),
    ] {
        assert_eq!(parsed(text, country(default)), (number.to_owned(), country(default), true), "{text}");
    }
}

#[test]
fn what_is_dialled_abroad_from_the_default_country_keeps_its_own_country() {
    assert_eq!(parsed("0034 612 345 678", country("PT")), ("+34612345678".to_owned(), country("ES"), false));
    assert_eq!(
        parsed("011 351 912 345 678", country("US")),
        ("+351912345678".to_owned(), country("PT"), false)
    );
    assert_eq!(parsed("416 555 2671", country("US")), ("+14165552671".to_owned(), country("CA"), true));
}

#[test]
fn a_local_number_of_a_small_territory_is_one_only_there() {
    assert_eq!(parsed("556 789", country("GG")), ("+441481556789".to_owned(), country("GG"), true));
    assert!(PhoneNumber::parse("556 789", country("GB")).is_err());
}

#[test]
fn what_is_no_number_says_why() {
    let uk = country("GB");
    for (text, default, error) in [
        ("", None, PhoneError::Empty),
        ("n/a", None, PhoneError::NotANumber),
        ("-", None, PhoneError::NotANumber),
        ("4.47701E+11", uk, PhoneError::CutOff),
        ("4,47701E+11", uk, PhoneError::CutOff),
        ("07911 123456, 07911 123457", uk, PhoneError::SeveralNumbers),
        ("+447911123456+447911123457", None, PhoneError::SeveralNumbers),
        ("912345678", None, PhoneError::NoCountry),
        ("+999 123 4567", None, PhoneError::UnknownCallingCode),
        ("0161 555 01", uk, PhoneError::TooShort { missing: 2, country: uk }),
        ("07911 1234567", uk, PhoneError::TooLong { extra: 1, country: uk }),
        ("+351 112 345 678", None, PhoneError::NotInPlan { country: country("PT") }),
    ] {
        assert_eq!(PhoneNumber::parse(text, default), Err(error), "{text}");
    }
    assert_eq!(
        PhoneError::TooShort { missing: 1, country: uk }.to_string(),
        "it is 1 digit too short for United Kingdom"
    );
}

#[test]
fn every_example_of_the_metadata_is_a_number() {
    for meta in phonenumber::metadata::DATABASE.iter() {
        let descriptors = meta.descriptors();
        for example in
            [descriptors.mobile(), descriptors.fixed_line()].into_iter().flatten().filter_map(|d| d.example())
        {
            let text = format!("+{}{example}", meta.country_code());
            let phone = PhoneNumber::parse(&text, None)
                .unwrap_or_else(|error| panic!("{} {text}: {error}", meta.id()));
            assert_eq!(phone.number.as_str(), text);
            assert_eq!(phone.number.region(), phone.region);
            let digits = phone.number.spaced().chars().filter(char::is_ascii_digit).collect::<String>();
            assert_eq!(digits, phone.number.digits());
        }
    }
}

#[test]
fn a_number_is_read_in_groups() {
    for (text, spaced) in [("+351912345678", "+351 912 345 678"), ("+447400123456", "+44 7400 123456")] {
        assert_eq!(text.parse::<PhoneNumber>().expect("a number").spaced(), spaced);
    }
}

#[test]
fn e164_is_taken_as_it_is_and_only_a_mask_is_printed() {
    let number: PhoneNumber = "+351912345678".parse().expect("a number");
    assert_eq!((number.as_str(), number.digits()), ("+351912345678", "351912345678"));
    assert_eq!(format!("{number} {number:?}"), "+351•••78 +351•••78");
    for text in ["351912345678", "+0351912345678", "+351 912345678", "+12345", "+1234567890123456", "+", ""] {
        assert_eq!(text.parse::<PhoneNumber>(), Err(NotE164), "{text}");
    }
}

mod properties {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_text_gives_an_answer(text in any::<String>(), index in 0..245_usize) {
            let default = CountryCode::all().nth(index);
            let _ = PhoneNumber::parse(&text, default);
            let _ = PhoneNumber::parse(&text, None);
        }

        /// What was accepted is accepted again, as the same number, without a default.
        #[test]
        fn parsing_is_idempotent(text in "[+0]{0,2}[0-9 ()-]{4,18}", index in 0..245_usize) {
            if let Ok(phone) = PhoneNumber::parse(&text, CountryCode::all().nth(index)) {
                let again = PhoneNumber::parse(phone.number.as_str(), None).expect("a number stays a number");
                prop_assert_eq!(again.number, phone.number);
                prop_assert_eq!(again.region, phone.region);
                prop_assert!(!again.country_assumed);
            }
        }
    }
}
