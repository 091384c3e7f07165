//! The contacts of a domain, made from its index.

use super::SimContact;
use super::derive::Recipe;

/// The contact id of the registrant of index 0; each domain has four of its own.
const FIRST_CONTACT: u64 = 70_000_001;

pub(crate) fn index_of_contact(contact_id: i64) -> Option<u64> {
    u64::try_from(contact_id).ok()?.checked_sub(FIRST_CONTACT).map(|distance| distance / 4)
}

impl Recipe {
    pub(super) fn contacts(&self, index: u64) -> [SimContact; 4] {
        let roll = self.roll(index, 15);
        let registrant = self.contact(index, 0);
        let own = |role: u64| {
            let mut contact = self.contact(index, role);
            contact.contact_id = (FIRST_CONTACT + index * 4 + role) as i64;
            contact
        };
        match roll % 10 {
            // Most often one record serves all four.
            0..=6 => [registrant.clone(), registrant.clone(), registrant.clone(), registrant],
            7 | 8 => {
                let admin = own(1);
                [registrant, admin.clone(), admin.clone(), admin]
            }
            _ => [registrant, own(1), own(2), own(3)],
        }
    }

    /// Contact number `role` of a domain, unlike any other record.
    pub(crate) fn contact(&self, index: u64, role: u64) -> SimContact {
        const GIVEN: [&str; 24] = [
            "Jane",
            "John",
            "Amina",
            "Rahim",
            "Priya",
            "Arjun",
            "Li",
            "Wei",
            "Sofia",
            "Mateo",
            "Anna",
            "Jürgen",
            "Zoë",
            "François",
            "Ingrid",
            "Lars",
            "Nadia",
            "Omar",
            "Grace",
            "Samuel",
            "Elena",
            "Dmitri",
            "Mary Ann",
            "Tom",
        ];
        const FAMILY: [&str; 24] = [
            "Doe",
            "Smith",
            "Rahman",
            "Chowdhury",
            "Patel",
            "Sharma",
            "Wang",
            "Chen",
            "García",
            "Fernández",
            "Müller",
            "Schmidt",
            "O'Brien",
            "Dubois",
            "Hansen",
            "Nilsson",
            "Khan",
            "Ahmed",
            "Okafor",
            "Mensah",
            "Popova",
            "Ivanov",
            "de la Cruz",
            "Brown",
        ];
        const PLACES: [(&str, &str, &str, &str, &str, &str); 8] = [
            ("London", "Greater London", "EC1A 1AA", "GB", "44", "High Street"),
            ("Dhaka", "Dhaka", "1205", "BD", "880", "Mirpur Road"),
            ("Mumbai", "Maharashtra", "400001", "IN", "91", "Marine Drive"),
            ("Berlin", "", "10115", "DE", "49", "Hauptstraße"),
            ("Austin", "Texas", "78701", "US", "1", "Congress Avenue"),
            ("Sydney", "New South Wales", "2000", "AU", "61", "George Street"),
            ("Toronto", "Ontario", "M5H 2N2", "CA", "1", "Queen Street"),
            ("Singapore", "", "048619", "SG", "65", "Raffles Place"),
        ];
        let roll = self.roll(index * 4 + role, 16);
        let (given, family) = (GIVEN[(roll % 24) as usize], FAMILY[((roll >> 8) % 24) as usize]);
        let (city, state, zip, country, cc, street) = PLACES[((roll >> 16) % 8) as usize];
        let number = 1 + (roll >> 24) % 200;
        let company = match (roll >> 32) % 3 {
            0 => String::new(),
            1 => format!("{family} Ltd"),
            _ => format!("{family} & Sons"),
        };
        let local: String = format!("{given}.{family}")
            .chars()
            .filter(|c| c.is_ascii_alphabetic() || *c == '.')
            .collect::<String>()
            .to_lowercase();
        SimContact {
            contact_id: (FIRST_CONTACT + index * 4 + role) as i64,
            name: format!("{given} {family}"),
            company,
            email: format!("{local}{}@example.com", (roll >> 40) % 1_000),
            phone_cc: cc.to_owned(),
            phone: format!("{}", 200_000_000 + (roll >> 34) % 700_000_000),
            address1: format!("{number} {street}"),
            address2: if (roll >> 50).is_multiple_of(4) { format!("Floor {}", 1 + number % 9) } else { String::new() },
            address3: String::new(),
            city: city.to_owned(),
            state: state.to_owned(),
            zip: zip.to_owned(),
            country: country.to_owned(),
        }
    }
}
