//! Starting and stopping, from blocking and async tests alike.

use std::net::SocketAddr;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

use crate::account::Account;
use crate::faults::{FaultEngine, Faults};
use crate::limits::{Limiter, RateLimit};
use crate::registrar::Api;
use crate::server::{Server, State, accept, listen};
use crate::stats::Stats;
use crate::tls::{ClientPem, TlsMode, certificates};
use crate::world::{World, WorldConfig};

/// An account and its world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountConfig {
    /// The reseller id that requests are made as.
    pub auth_userid: String,
    /// Its API key.
    pub api_key: String,
    /// What the account has.
    pub world: WorldConfig,
}

impl Default for AccountConfig {
    /// Reseller 777 with the key `simulated` and the default world.
    fn default() -> Self {
        Self { auth_userid: "777".to_owned(), api_key: "simulated".to_owned(), world: WorldConfig::default() }
    }
}

/// How a simulator is started.
#[derive(Clone, Debug, PartialEq)]
pub struct SimulatorConfig {
    /// Whose API it is.
    pub api: Api,
    /// The port on 127.0.0.1; 0 takes any free one.
    pub port: u16,
    /// At least one.
    pub accounts: Vec<AccountConfig>,
    /// Every answer takes this long …
    pub latency: Duration,
    /// … and up to this much longer.
    pub jitter: Duration,
    /// Requests per window and account.
    pub rate_limit: Option<RateLimit>,
    /// More connections than these at one time are dropped.
    pub max_connections: Option<usize>,
    /// HTTPS with such a certificate; plain HTTP when `None`.
    pub tls: Option<TlsMode>,
    /// Whether HTTP/2 is neither offered in the TLS handshake nor understood.
    pub http1_only: bool,
    /// Whether requests are counted by domain.
    pub count_domains: bool,
    /// Faults from the start.
    pub faults: Faults,
    /// Whether changes through the control plane happen at the present time. In-process ones happen at the world's own.
    pub follow_wall_clock: bool,
}

impl Default for SimulatorConfig {
    /// One default account, no latency, no limits, no faults, plain HTTP.
    fn default() -> Self {
        Self {
            api: Api::default(),
            port: 0,
            accounts: vec![AccountConfig::default()],
            latency: Duration::ZERO,
            jitter: Duration::ZERO,
            rate_limit: None,
            max_connections: None,
            tls: None,
            http1_only: false,
            count_domains: false,
            faults: Faults::default(),
            follow_wall_clock: false,
        }
    }
}

impl SimulatorConfig {
    /// The default with so many domains.
    pub fn with_domains(domains: u64) -> Self {
        Self::with_world(WorldConfig { domains, ..WorldConfig::default() })
    }

    /// The default with this world.
    pub fn with_world(world: WorldConfig) -> Self {
        Self { accounts: vec![AccountConfig { world, ..AccountConfig::default() }], ..Self::default() }
    }
}

/// Starts simulators.
#[derive(Clone, Copy, Debug)]
pub struct Simulator;

impl Simulator {
    /// Starts a simulator on a thread of its own. It listens when this returns. Panics when it cannot.
    pub fn start(config: SimulatorConfig) -> RunningSimulator {
        Self::try_start(config).unwrap_or_else(|error| panic!("start the simulator: {error}"))
    }

    /// As [`Simulator::start`], for callers that have a user to tell what went wrong.
    pub fn try_start(config: SimulatorConfig) -> std::io::Result<RunningSimulator> {
        assert!(!config.accounts.is_empty(), "a simulator needs an account");
        let registrar = config.api.registrar();
        let listener = listen(config.port)?;
        let address = listener.local_addr()?;
        let certificates = config.tls.map(|mode| certificates(mode, config.http1_only));
        let scheme = if certificates.is_some() { "https" } else { "http" };
        let origin = format!("{scheme}://{address}");
        let url = format!("{origin}{}", registrar.base());
        let accounts = config
            .accounts
            .into_iter()
            .map(|account| Account::new(account.auth_userid, account.api_key, World::generate(account.world)))
            .collect();
        let server = Arc::new(Server {
            registrar,
            state: Mutex::new(State {
                accounts,
                chance: fastrand::Rng::with_seed(config.faults.seed),
                faults: FaultEngine::new(config.faults),
                limit: config.rate_limit,
                limiter: Limiter::default(),
                stats: Stats::default(),
                simultaneous: 0,
                latency: (config.latency, config.jitter),
            }),
            connections: AtomicUsize::new(0),
            max_connections: config.max_connections,
            http1_only: config.http1_only,
            count_domains: config.count_domains,
            follow_wall_clock: config.follow_wall_clock,
        });
        let tls = certificates
            .as_ref()
            .filter(|_| config.tls != Some(TlsMode::PlainHttp))
            .map(|certificates| TlsAcceptor::from(Arc::clone(&certificates.server)));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel::<()>();
        let shared = Arc::clone(&server);
        let thread = std::thread::Builder::new().name("simulator".to_owned()).spawn(move || {
            runtime.block_on(async move {
                let listener = tokio::net::TcpListener::from_std(listener).expect("the listener is non-blocking");
                tokio::select! {
                    never = accept(listener, shared, tls) => match never {},
                    _ = stopped => (),
                }
            });
            // Connections end with the runtime.
        })?;
        Ok(RunningSimulator {
            server,
            address,
            url,
            origin,
            client_pem: certificates.map(|certificates| certificates.client),
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

/// A simulator at work. It stops when this is dropped, its connections too.
#[derive(Debug)]
pub struct RunningSimulator {
    server: Arc<Server>,
    address: SocketAddr,
    url: String,
    origin: String,
    client_pem: Option<ClientPem>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl RunningSimulator {
    /// The base URL that a client is given: ends in a slash, `/api/` at ResellerClub.
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// The base URL of the control plane; ends in `/_control/`.
    pub fn control_url(&self) -> String {
        format!("{}{}", self.origin, crate::control::BASE)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The authority to trust, if the simulator speaks TLS.
    pub fn ca_pem(&self) -> Option<String> {
        self.client_pem.as_ref().map(|client| client.authority.clone())
    }

    /// What a client needs, if the simulator speaks TLS.
    pub fn client_pem(&self) -> Option<&ClientPem> {
        self.client_pem.as_ref()
    }

    /// Looks at or changes the first account's world, between two requests.
    pub fn with_world<R>(&self, look: impl FnOnce(&mut World) -> R) -> R {
        look(&mut self.server.state().accounts[0].world)
    }

    /// As [`RunningSimulator::with_world`], of the account with this login. Panics when there is none.
    pub fn with_world_of<R>(&self, auth_userid: &str, look: impl FnOnce(&mut World) -> R) -> R {
        let mut state = self.server.state();
        let account = state.accounts.iter_mut().find(|account| account.login == auth_userid);
        look(&mut account.unwrap_or_else(|| panic!("there is no account {auth_userid}")).world)
    }

    /// Another API key for the account with this login; the old one is refused at once.
    pub fn set_api_key(&self, auth_userid: &str, api_key: &str) {
        let mut state = self.server.state();
        let account = state.accounts.iter_mut().find(|account| account.login == auth_userid);
        account.unwrap_or_else(|| panic!("there is no account {auth_userid}")).secret = api_key.to_owned();
    }

    /// Puts these faults in the place of the present ones.
    pub fn set_faults(&self, faults: impl Into<Faults>) {
        self.server.state().faults = FaultEngine::new(faults.into());
    }

    /// Everything goes well again.
    pub fn clear_faults(&self) {
        self.set_faults(Faults::default());
    }

    /// Every answer takes this long, and up to `jitter` longer.
    pub fn set_latency(&self, latency: Duration, jitter: Duration) {
        self.server.state().latency = (latency, jitter);
    }

    /// Another limit, or none; its windows start empty.
    pub fn set_rate_limit(&self, limit: Option<RateLimit>) {
        let mut state = self.server.state();
        state.limit = limit;
        state.limiter = Limiter::default();
    }

    /// What was seen since the start or the last reset.
    pub fn stats(&self) -> Stats {
        self.server.state().stats.clone()
    }

    /// Counts from zero.
    pub fn reset_stats(&self) {
        self.server.state().stats = Stats::default();
    }
}

impl Drop for RunningSimulator {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
            && !std::thread::panicking()
        {
            panic!("the simulator's thread panicked");
        }
    }
}
