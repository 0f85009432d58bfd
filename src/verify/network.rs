//! Names and connections, each with an end in time.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

use url::Url;

use super::{Options, Outcome};

/// Of a name with more addresses than this, the rest is left out.
const MOST_ADDRESSES: usize = 8;

/// Where the host's name leads.
pub fn resolve(url: &Url, options: &Options) -> (Outcome, Vec<SocketAddr>) {
    let host = url.host_str().unwrap_or_default().to_owned();
    let Some(left) = options.left() else {
        return (Outcome::failed(time_over(options)), Vec::new());
    };
    let (sender, receiver) = mpsc::channel();
    let asked = url.clone();
    // The system's resolver takes the time that it takes: then it is left alone.
    thread::spawn(move || sender.send(asked.socket_addrs(|| None)));
    let addresses = match receiver.recv_timeout(left) {
        Ok(Ok(addresses)) => addresses,
        Ok(Err(error)) => return (unresolved(&host, &error), Vec::new()),
        Err(_) => {
            let outcome = Outcome::failed(format!(
                "no name server has answered for {host}; {}",
                time_over(options)
            ));
            return (outcome, Vec::new());
        }
    };
    let mut addresses: Vec<SocketAddr> = addresses.into_iter().take(MOST_ADDRESSES).collect();
    addresses.dedup();
    let Some(first) = addresses.first() else {
        let error = io::Error::other("the name has no address");
        return (unresolved(&host, &error), addresses);
    };
    let message = if url.domain().is_none() {
        format!("{host} is an address")
    } else {
        let more = match addresses.len() {
            1 => String::new(),
            count => format!(" and {} more", count - 1),
        };
        format!("{host} is {}{more}", first.ip())
    };
    (Outcome::ok(message), addresses)
}

fn unresolved(host: &str, error: &io::Error) -> Outcome {
    Outcome::failed(format!(
        "{host} has no address ({error}): is it spelt right, is there a VPN to be on? Where only a proxy leads out, set `HTTPS_PROXY`"
    ))
}

fn time_over(options: &Options) -> String {
    format!(
        "the time is over ({} s; `--timeout` gives more)",
        options.limit.as_secs_f32()
    )
}

/// A connection to the first address that takes one.
pub fn connect(
    url: &Url,
    addresses: &[SocketAddr],
    options: &Options,
) -> (Outcome, Option<(TcpStream, SocketAddr)>) {
    let mut last = None;
    for (at, address) in addresses.iter().enumerate() {
        let Some(left) = options.left() else { break };
        let share = u32::try_from(addresses.len() - at).unwrap_or(1);
        match TcpStream::connect_timeout(address, left / share) {
            Ok(stream) => {
                let outcome = Outcome::ok(format!("{address} takes connections"));
                return (outcome, Some((stream, *address)));
            }
            Err(error) => last = Some((address, error)),
        }
    }
    let outcome = match last {
        None => Outcome::failed(time_over(options)),
        Some((address, error)) => Outcome::failed(unconnected(url, address, &error, options)),
    };
    (outcome, None)
}

fn unconnected(url: &Url, address: &SocketAddr, error: &io::Error, options: &Options) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => format!(
            "{address} refuses connections: is the server running, and is {} its port?",
            url.port_or_known_default().unwrap_or_default()
        ),
        io::ErrorKind::TimedOut => format!(
            "{address} does not answer (within {} s in all): is there a VPN to be on, does a firewall stand between? Where only a proxy leads out, set `HTTPS_PROXY`",
            options.limit.as_secs_f32()
        ),
        _ => format!(
            "{address} cannot be reached ({error}): is there a VPN to be on? Where only a proxy leads out, set `HTTPS_PROXY`"
        ),
    }
}

/// A stream of which every read and write ends with the time that is left.
pub struct Timed {
    /// The stream.
    pub stream: TcpStream,
    /// When all must be done.
    pub deadline: Instant,
}

impl Timed {
    fn left(&self) -> io::Result<std::time::Duration> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        Ok(left)
    }
}

impl Read for Timed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.set_read_timeout(Some(self.left()?))?;
        self.stream.read(buffer).map_err(over)
    }
}

impl Write for Timed {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.stream.set_write_timeout(Some(self.left()?))?;
        self.stream.write(buffer).map_err(over)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

/// A time limit that is over is `WouldBlock` on some systems, which others take for a reason to come back later.
fn over(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::WouldBlock => io::ErrorKind::TimedOut.into(),
        _ => error,
    }
}

/// Says of an answer that has not come in time what the others say.
pub fn too_late(what: &str, options: &Options) -> String {
    format!("{what}; {}", time_over(options))
}
