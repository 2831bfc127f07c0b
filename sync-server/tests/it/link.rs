//! The live link.
use std::{sync::Arc, time::Duration};

use futures_util::{SinkExt, StreamExt};
use shared::{
    api::paths,
    journal::{
        cbor,
        entry::Verdict,
        frame::{Down, Presence, Up},
    },
};
use tokio_tungstenite::{
    Connector, MaybeTlsStream, WebSocketStream, connect_async_tls_with_config,
    tungstenite::{Message, client::IntoClientRequest},
};

use crate::{device::Device, place::Place};

pub struct Link {
    socket: WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>,
    /// The code with which the server closed it.
    pub closed_with: Option<u16>,
}

/// Takes any certificate: pinning is the laptop's to test.
#[derive(Debug)]
struct Any(rustls::crypto::CryptoProvider);

impl rustls::client::danger::ServerCertVerifier for Any {
    fn verify_server_cert(
        &self,
        _: &rustls::pki_types::CertificateDer<'_>,
        _: &[rustls::pki_types::CertificateDer<'_>],
        _: &rustls::pki_types::ServerName<'_>,
        _: &[u8],
        _: rustls::pki_types::UnixTime,
    ) -> Result<rustls::client::danger::ServerCertVerified, rustls::Error> {
        Ok(rustls::client::danger::ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &rustls::pki_types::CertificateDer<'_>,
        dss: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, cert, dss, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &rustls::pki_types::CertificateDer<'_>,
        dss: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<rustls::SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

impl Link {
    pub async fn open(device: &Device) -> Self {
        let provider = rustls::crypto::ring::default_provider();
        let config = rustls::ClientConfig::builder_with_provider(Arc::new(provider.clone()))
            .with_protocol_versions(&[&rustls::version::TLS13])
            .unwrap()
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Any(provider)))
            .with_no_client_auth();
        let url = format!("{}{}", device.url.replace("https", "wss"), paths::LINK);
        let mut request = url.into_client_request().unwrap();
        let bearer = format!("Bearer {}", device.token).parse().unwrap();
        request.headers_mut().insert("authorization", bearer);
        let connector = Connector::Rustls(Arc::new(config));
        let opened = connect_async_tls_with_config(request, None, true, Some(connector)).await;
        Self { socket: opened.unwrap().0, closed_with: None }
    }

    pub async fn say(&mut self, frame: &Up) {
        self.socket.send(Message::Binary(cbor::to_vec(frame).into())).await.unwrap();
    }

    /// The next frame; `None` when the server has closed the link.
    pub async fn next(&mut self) -> Option<Down> {
        let next = async {
            loop {
                match self.socket.next().await {
                    Some(Ok(Message::Binary(bytes))) => {
                        return Some(minicbor::decode(&bytes).unwrap());
                    }
                    Some(Ok(Message::Close(frame))) => {
                        self.closed_with = frame.map(|f| f.code.into());
                        return None;
                    }
                    Some(Err(_)) | None => return None,
                    Some(Ok(_)) => {}
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(30), next).await.expect("something comes")
    }

    /// Takes frames in until one is found.
    pub async fn until(&mut self, device: &mut Device, wanted: impl Fn(&Device, &Down) -> bool) {
        loop {
            let frame = self.next().await.expect("the link is open");
            device.take(&frame);
            if wanted(device, &frame) {
                return;
            }
        }
    }
}

#[tokio::test]
async fn two_readers_get_what_a_third_writes_at_once() {
    let place = Place::new().await;
    let space = place.engagement();
    let mut sun = place.device("sunmou", 1).await;
    let mut readers = [place.device("limou", 2).await, place.device("zhoumou", 3).await];
    let mut links = Vec::new();
    for reader in &mut readers {
        let mut link = Link::open(reader).await;
        link.say(&reader.have()).await;
        let head = |_: &Device, f: &Down| matches!(f, Down::Head { space: s, .. } if *s == space);
        link.until(reader, head).await;
        links.push(link);
    }
    let mut link = Link::open(&sun).await;
    let (_, _, birth) = sun.workpaper(space, 7);
    link.say(&Up::Push { envelopes: vec![birth.clone()] }).await;
    link.until(&mut sun, |d, f| d.receipted(std::slice::from_ref(f), &birth)).await;
    for (reader, link) in readers.iter_mut().zip(&mut links) {
        link.until(reader, |d, _| d.verdict(&birth) == Some(&Verdict::Main)).await;
        assert_eq!(reader.bodies.get(&birth.hash()), Some(&birth));
    }
}

#[tokio::test]
async fn presence_is_shown_to_the_others_in_the_space_only() {
    let place = Place::new().await;
    let space = place.engagement();
    let sun = place.device("sunmou", 1).await;
    let mut li = place.device("limou", 2).await;
    let mut wei = place.device("weimou", 3).await;
    let mut of_li = Link::open(&li).await;
    of_li.say(&li.have()).await;
    of_li.until(&mut li, |_, f| matches!(f, Down::Head { space: s, .. } if *s == space)).await;
    let mut of_wei = Link::open(&wei).await;
    of_wei.say(&wei.have()).await;
    of_wei.until(&mut wei, |_, f| matches!(f, Down::Head { .. })).await;

    let mut of_sun = Link::open(&sun).await;
    let doc = shared::model::DocId::from_bytes([7; 16]);
    let mut presence =
        Presence { space, doc, device: None, field: "title".into(), caret: "c1".into() };
    of_sun.say(&Up::Presence(presence.clone())).await;
    presence.device = Some(sun.key.verifying_key().device_id());
    let wanted = Down::Presence(presence);
    of_li.until(&mut li, |_, f| *f == wanted).await;

    // Whatever reaches 卫某 by the time of the next answer, it is not that.
    of_wei.say(&wei.have()).await;
    of_wei
        .until(&mut wei, |_, f| {
            assert_ne!(*f, wanted);
            matches!(f, Down::Head { .. })
        })
        .await;
}

#[tokio::test]
async fn senseless_bytes_end_the_link_and_nothing_else() {
    let place = Place::new().await;
    let sun = place.device("sunmou", 1).await;
    let mut good = Link::open(&sun).await;
    let mut bad = Link::open(&sun).await;
    bad.socket.send(Message::Binary(vec![0xff; 100].into())).await.unwrap();
    while bad.next().await.is_some() {}
    good.say(&sun.have()).await;
    assert!(good.next().await.is_some());
}
