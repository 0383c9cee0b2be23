//! Countries by their two-letter code, with the calling code and a name to show.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A country or territory with a telephone numbering plan: its ISO 3166-1 alpha-2 code (and `XK`, Kosovo).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CountryCode([u8; 2]);

/// A text that is not the code of a country with a numbering plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no such country code")]
pub struct UnknownCountry;

impl CountryCode {
    /// The two letters, upper case.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("both bytes are ASCII letters")
    }

    /// The calling code without `+`: 351 for Portugal.
    pub fn calling_code(self) -> u16 {
        self.row().1
    }

    /// The name in British English.
    pub fn name(self) -> &'static str {
        self.row().2
    }

    /// Every country, by code.
    pub fn all() -> impl Iterator<Item = Self> {
        COUNTRIES.iter().map(|row| Self(row.0))
    }

    fn row(self) -> &'static (Letters, u16, &'static str) {
        let index = COUNTRIES.binary_search_by_key(&self.0, |row| row.0);
        &COUNTRIES[index.expect("a code can only be made from a row of the table")]
    }
}

impl FromStr for CountryCode {
    type Err = UnknownCountry;

    fn from_str(text: &str) -> Result<Self, UnknownCountry> {
        let letters: Letters = text.as_bytes().try_into().map_err(|_| UnknownCountry)?;
        let letters = letters.map(|letter| letter.to_ascii_uppercase());
        COUNTRIES.binary_search_by_key(&letters, |row| row.0).map_err(|_| UnknownCountry)?;
        Ok(Self(letters))
    }
}

impl fmt::Display for CountryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for CountryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for CountryCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for CountryCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

type Letters = [u8; 2];

/// Sorted by code. The codes and calling codes are those of the phone metadata; a test compares them.
#[rustfmt::skip]
const COUNTRIES: &[(Letters, u16, &str)] = &[
    (*b"AC", 247, "Ascension Island"),
    (*b"AD", 376, "Andorra"),
    (*b"AE", 971, "United Arab Emirates"),
    (*b"AF", 93, "Afghanistan"),
    (*b"AG", 1, "Antigua and Barbuda"),
    (*b"AI", 1, "Anguilla"),
    (*b"AL", 355, "Albania"),
    (*b"AM", 374, "Armenia"),
    (*b"AO", 244, "Angola"),
    (*b"AR", 54, "Argentina"),
    (*b"AS", 1, "American Samoa"),
    (*b"AT", 43, "Austria"),
    (*b"AU", 61, "Australia"),
    (*b"AW", 297, "Aruba"),
    (*b"AX", 358, "Åland Islands"),
    (*b"AZ", 994, "Azerbaijan"),
    (*b"BA", 387, "Bosnia and Herzegovina"),
    (*b"BB", 1, "Barbados"),
    (*b"BD", 880, "Bangladesh"),
    (*b"BE", 32, "Belgium"),
    (*b"BF", 226, "Burkina Faso"),
    (*b"BG", 359, "Bulgaria"),
    (*b"BH", 973, "Bahrain"),
    (*b"BI", 257, "Burundi"),
    (*b"BJ", 229, "Benin"),
    (*b"BL", 590, "St Barthélemy"),
    (*b"BM", 1, "Bermuda"),
    (*b"BN", 673, "Brunei"),
    (*b"BO", 591, "Bolivia"),
    (*b"BQ", 599, "Caribbean Netherlands"),
    (*b"BR", 55, "Brazil"),
    (*b"BS", 1, "Bahamas"),
    (*b"BT", 975, "Bhutan"),
    (*b"BW", 267, "Botswana"),
    (*b"BY", 375, "Belarus"),
    (*b"BZ", 501, "Belize"),
    (*b"CA", 1, "Canada"),
    (*b"CC", 61, "Cocos (Keeling) Islands"),
    (*b"CD", 243, "Congo (Kinshasa)"),
    (*b"CF", 236, "Central African Republic"),
    (*b"CG", 242, "Congo (Brazzaville)"),
    (*b"CH", 41, "Switzerland"),
    (*b"CI", 225, "Côte d’Ivoire"),
    (*b"CK", 682, "Cook Islands"),
    (*b"CL", 56, "Chile"),
    (*b"CM", 237, "Cameroon"),
    (*b"CN", 86, "China"),
    (*b"CO", 57, "Colombia"),
    (*b"CR", 506, "Costa Rica"),
    (*b"CU", 53, "Cuba"),
    (*b"CV", 238, "Cape Verde"),
    (*b"CW", 599, "Curaçao"),
    (*b"CX", 61, "Christmas Island"),
    (*b"CY", 357, "Cyprus"),
    (*b"CZ", 420, "Czechia"),
    (*b"DE", 49, "Germany"),
    (*b"DJ", 253, "Djibouti"),
    (*b"DK", 45, "Denmark"),
    (*b"DM", 1, "Dominica"),
    (*b"DO", 1, "Dominican Republic"),
    (*b"DZ", 213, "Algeria"),
    (*b"EC", 593, "Ecuador"),
    (*b"EE", 372, "Estonia"),
    (*b"EG", 20, "Egypt"),
    (*b"EH", 212, "Western Sahara"),
    (*b"ER", 291, "Eritrea"),
    (*b"ES", 34, "Spain"),
    (*b"ET", 251, "Ethiopia"),
    (*b"FI", 358, "Finland"),
    (*b"FJ", 679, "Fiji"),
    (*b"FK", 500, "Falkland Islands"),
    (*b"FM", 691, "Micronesia"),
    (*b"FO", 298, "Faroe Islands"),
    (*b"FR", 33, "France"),
    (*b"GA", 241, "Gabon"),
    (*b"GB", 44, "United Kingdom"),
    (*b"GD", 1, "Grenada"),
    (*b"GE", 995, "Georgia"),
    (*b"GF", 594, "French Guiana"),
    (*b"GG", 44, "Guernsey"),
    (*b"GH", 233, "Ghana"),
    (*b"GI", 350, "Gibraltar"),
    (*b"GL", 299, "Greenland"),
    (*b"GM", 220, "Gambia"),
    (*b"GN", 224, "Guinea"),
    (*b"GP", 590, "Guadeloupe"),
    (*b"GQ", 240, "Equatorial Guinea"),
    (*b"GR", 30, "Greece"),
    (*b"GT", 502, "Guatemala"),
    (*b"GU", 1, "Guam"),
    (*b"GW", 245, "Guinea-Bissau"),
    (*b"GY", 592, "Guyana"),
    (*b"HK", 852, "Hong Kong"),
    (*b"HN", 504, "Honduras"),
    (*b"HR", 385, "Croatia"),
    (*b"HT", 509, "Haiti"),
    (*b"HU", 36, "Hungary"),
    (*b"ID", 62, "Indonesia"),
    (*b"IE", 353, "Ireland"),
    (*b"IL", 972, "Israel"),
    (*b"IM", 44, "Isle of Man"),
    (*b"IN", 91, "India"),
    (*b"IO", 246, "British Indian Ocean Territory"),
    (*b"IQ", 964, "Iraq"),
    (*b"IR", 98, "Iran"),
    (*b"IS", 354, "Iceland"),
    (*b"IT", 39, "Italy"),
    (*b"JE", 44, "Jersey"),
    (*b"JM", 1, "Jamaica"),
    (*b"JO", 962, "Jordan"),
    (*b"JP", 81, "Japan"),
    (*b"KE", 254, "Kenya"),
    (*b"KG", 996, "Kyrgyzstan"),
    (*b"KH", 855, "Cambodia"),
    (*b"KI", 686, "Kiribati"),
    (*b"KM", 269, "Comoros"),
    (*b"KN", 1, "St Kitts and Nevis"),
    (*b"KP", 850, "North Korea"),
    (*b"KR", 82, "South Korea"),
    (*b"KW", 965, "Kuwait"),
    (*b"KY", 1, "Cayman Islands"),
    (*b"KZ", 7, "Kazakhstan"),
    (*b"LA", 856, "Laos"),
    (*b"LB", 961, "Lebanon"),
    (*b"LC", 1, "St Lucia"),
    (*b"LI", 423, "Liechtenstein"),
    (*b"LK", 94, "Sri Lanka"),
    (*b"LR", 231, "Liberia"),
    (*b"LS", 266, "Lesotho"),
    (*b"LT", 370, "Lithuania"),
    (*b"LU", 352, "Luxembourg"),
    (*b"LV", 371, "Latvia"),
    (*b"LY", 218, "Libya"),
    (*b"MA", 212, "Morocco"),
    (*b"MC", 377, "Monaco"),
    (*b"MD", 373, "Moldova"),
    (*b"ME", 382, "Montenegro"),
    (*b"MF", 590, "St Martin"),
    (*b"MG", 261, "Madagascar"),
    (*b"MH", 692, "Marshall Islands"),
    (*b"MK", 389, "North Macedonia"),
    (*b"ML", 223, "Mali"),
    (*b"MM", 95, "Myanmar"),
    (*b"MN", 976, "Mongolia"),
    (*b"MO", 853, "Macau"),
    (*b"MP", 1, "Northern Mariana Islands"),
    (*b"MQ", 596, "Martinique"),
    (*b"MR", 222, "Mauritania"),
    (*b"MS", 1, "Montserrat"),
    (*b"MT", 356, "Malta"),
    (*b"MU", 230, "Mauritius"),
    (*b"MV", 960, "Maldives"),
    (*b"MW", 265, "Malawi"),
    (*b"MX", 52, "Mexico"),
    (*b"MY", 60, "Malaysia"),
    (*b"MZ", 258, "Mozambique"),
    (*b"NA", 264, "Namibia"),
    (*b"NC", 687, "New Caledonia"),
    (*b"NE", 227, "Niger"),
    (*b"NF", 672, "Norfolk Island"),
    (*b"NG", 234, "Nigeria"),
    (*b"NI", 505, "Nicaragua"),
    (*b"NL", 31, "Netherlands"),
    (*b"NO", 47, "Norway"),
    (*b"NP", 977, "Nepal"),
    (*b"NR", 674, "Nauru"),
    (*b"NU", 683, "Niue"),
    (*b"NZ", 64, "New Zealand"),
    (*b"OM", 968, "Oman"),
    (*b"PA", 507, "Panama"),
    (*b"PE", 51, "Peru"),
    (*b"PF", 689, "French Polynesia"),
    (*b"PG", 675, "Papua New Guinea"),
    (*b"PH", 63, "Philippines"),
    (*b"PK", 92, "Pakistan"),
    (*b"PL", 48, "Poland"),
    (*b"PM", 508, "St Pierre and Miquelon"),
    (*b"PR", 1, "Puerto Rico"),
    (*b"PS", 970, "Palestine"),
    (*b"PT", 351, "Portugal"),
    (*b"PW", 680, "Palau"),
    (*b"PY", 595, "Paraguay"),
    (*b"QA", 974, "Qatar"),
    (*b"RE", 262, "Réunion"),
    (*b"RO", 40, "Romania"),
    (*b"RS", 381, "Serbia"),
    (*b"RU", 7, "Russia"),
    (*b"RW", 250, "Rwanda"),
    (*b"SA", 966, "Saudi Arabia"),
    (*b"SB", 677, "Solomon Islands"),
    (*b"SC", 248, "Seychelles"),
    (*b"SD", 249, "Sudan"),
    (*b"SE", 46, "Sweden"),
    (*b"SG", 65, "Singapore"),
    (*b"SH", 290, "St Helena"),
    (*b"SI", 386, "Slovenia"),
    (*b"SJ", 47, "Svalbard and Jan Mayen"),
    (*b"SK", 421, "Slovakia"),
    (*b"SL", 232, "Sierra Leone"),
    (*b"SM", 378, "San Marino"),
    (*b"SN", 221, "Senegal"),
    (*b"SO", 252, "Somalia"),
    (*b"SR", 597, "Suriname"),
    (*b"SS", 211, "South Sudan"),
    (*b"ST", 239, "São Tomé and Príncipe"),
    (*b"SV", 503, "El Salvador"),
    (*b"SX", 1, "Sint Maarten"),
    (*b"SY", 963, "Syria"),
    (*b"SZ", 268, "Eswatini"),
    (*b"TA", 290, "Tristan da Cunha"),
    (*b"TC", 1, "Turks and Caicos Islands"),
    (*b"TD", 235, "Chad"),
    (*b"TG", 228, "Togo"),
    (*b"TH", 66, "Thailand"),
    (*b"TJ", 992, "Tajikistan"),
    (*b"TK", 690, "Tokelau"),
    (*b"TL", 670, "Timor-Leste"),
    (*b"TM", 993, "Turkmenistan"),
    (*b"TN", 216, "Tunisia"),
    (*b"TO", 676, "Tonga"),
    (*b"TR", 90, "Türkiye"),
    (*b"TT", 1, "Trinidad and Tobago"),
    (*b"TV", 688, "Tuvalu"),
    (*b"TW", 886, "Taiwan"),
    (*b"TZ", 255, "Tanzania"),
    (*b"UA", 380, "Ukraine"),
    (*b"UG", 256, "Uganda"),
    (*b"US", 1, "United States"),
    (*b"UY", 598, "Uruguay"),
    (*b"UZ", 998, "Uzbekistan"),
    (*b"VA", 39, "Vatican City"),
    (*b"VC", 1, "St Vincent and the Grenadines"),
    (*b"VE", 58, "Venezuela"),
    (*b"VG", 1, "British Virgin Islands"),
    (*b"VI", 1, "US Virgin Islands"),
    (*b"VN", 84, "Vietnam"),
    (*b"VU", 678, "Vanuatu"),
    (*b"WF", 681, "Wallis and Futuna"),
    (*b"WS", 685, "Samoa"),
    (*b"XK", 383, "Kosovo"),
    (*b"YE", 967, "Yemen"),
    (*b"YT", 262, "Mayotte"),
    (*b"ZA", 27, "South Africa"),
    (*b"ZM", 260, "Zambia"),
    (*b"ZW", 263, "Zimbabwe"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_in_either_case_and_nothing_else_is() {
        let portugal: CountryCode = "pt".parse().expect("a country");
        assert_eq!((portugal.as_str(), portugal.calling_code(), portugal.name()), ("PT", 351, "Portugal"));
        for text in ["", "P", "PRT", "ZZ", "p+", "é"] {
            assert_eq!(text.parse::<CountryCode>(), Err(UnknownCountry), "{text}");
        }
    }

    #[test]
    fn the_table_is_sorted_and_every_row_can_be_found() {
        assert!(COUNTRIES.is_sorted_by(|a, b| a.0 < b.0));
        assert!(CountryCode::all().all(|country| country.as_str().parse() == Ok(country)));
    }

    #[cfg(feature = "phone")]
    #[test]
    fn the_table_agrees_with_the_phone_metadata() {
        let metadata = &*phonenumber::metadata::DATABASE;
        let mut known =
            metadata.iter().filter(|meta| meta.id() != "001").map(|meta| meta.id()).collect::<Vec<_>>();
        known.sort_unstable();
        assert_eq!(
            known,
            COUNTRIES.iter().map(|row| std::str::from_utf8(&row.0).expect("ASCII")).collect::<Vec<_>>()
        );
        for country in CountryCode::all() {
            let meta = metadata.by_id(country.as_str()).expect("the country has metadata");
            assert_eq!(meta.country_code(), country.calling_code(), "{country}");
        }
    }
}
