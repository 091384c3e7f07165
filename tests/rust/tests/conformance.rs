//! Every registrar's adapter against the same questions.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails loudly

use domaindesk_sync::RegistrarSync;
use domaindesk_tests::conformance::{self, REGISTRARS, Row};

macro_rules! conform {
    ($($registrar:ident)+) => {
        /// Those of which the suite below is.
        const TESTED: &[&str] = &[$(stringify!($registrar)),+];

        $(mod $registrar {
            use super::*;

            fn row() -> &'static Row {
                Row::of(stringify!($registrar))
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn one_domain_is_read_and_what_changed_is_written() {
                conformance::one(row()).await;
            }

            #[tokio::test]
            async fn a_status_alone_touches_nothing_else() {
                conformance::status(row()).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn the_status_of_many_is_as_cheap_as_its_list() {
                conformance::list(row()).await;
            }

            #[tokio::test]
            async fn prices_are_synced_or_said_to_be_unsupported() {
                conformance::prices(row()).await;
            }

            #[tokio::test]
            async fn what_the_account_does_not_have_is_flagged_and_never_made_worse() {
                conformance::not_found(row()).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn refused_credentials_stop_the_account_for_the_rest_of_the_batch() {
                conformance::refused_credentials(row()).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn limits_are_kept_and_a_registrar_that_asks_to_be_left_alone_is() {
                conformance::rate_limit(row()).await;
            }

            #[tokio::test]
            async fn each_fault_has_its_kind_its_requests_and_leaves_the_domain_alone() {
                conformance::faults(row()).await;
            }

            #[tokio::test]
            async fn a_slow_registrar_is_waited_for_until_the_time_is_over() {
                conformance::slow(row()).await;
            }

            #[tokio::test]
            async fn what_it_says_is_shown_without_the_credentials() {
                conformance::secrets(row()).await;
            }

            #[tokio::test]
            async fn an_international_name_is_asked_for_by_its_a_label() {
                conformance::international(row()).await;
            }

            #[tokio::test]
            async fn fields_that_are_missing_leave_the_local_ones() {
                conformance::missing_fields(row()).await;
            }
        })+
    };
}

conform! { resellerclub logicboxes namecheap enom godaddy namecom btcl }

#[test]
fn every_registrar_that_is_asked_over_a_network_is_tested() {
    let rows: Vec<_> = REGISTRARS.iter().map(|row| row.slug).collect();
    assert_eq!(rows, TESTED);
    let mut native: Vec<_> = RegistrarSync::registrars().into_keys().filter(|slug| *slug != "mock").collect();
    let mut tested = rows;
    native.sort_unstable();
    tested.sort_unstable();
    assert_eq!(tested, native, "a row of every registrar belongs to REGISTRARS");
}
