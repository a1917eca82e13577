//! Mail with lettre only: one after another over one connection, in a simple loop.

use std::{error::Error, time::Instant};

use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor, message::MultiPart};

/// Sends `count` mails of the size of the program's, and prints the rate per second.
#[tokio::main]
pub async fn send(port: u16, count: u32) -> Result<(), Box<dyn Error>> {
    let transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("127.0.0.1").port(port).build();
    let (text, html) = ("A line of a mail.\n".repeat(30), "<p style=\"margin:0\">A line of a mail.</p>\n".repeat(40));
    let message = Message::builder()
        .from("Tea Shop <hello@tea.test>".parse()?)
        .to("Ada <ada@example.com>".parse()?)
        .subject("New login to your account – Tea Shop")
        .multipart(MultiPart::alternative_plain_html(text, html))?;
    let start = Instant::now();
    for _ in 0..count {
        transport.send(message.clone()).await?;
    }
    println!("{}", f64::from(count) / start.elapsed().as_secs_f64());
    Ok(())
}
