"""A real SMTP server for tests. Prints its port, then each message that it took, a line of JSON each.

Its argument is JSON: "refused", a mailbox that it does not have; "password", of the user "shop", without which it takes
nothing; "replies", what it says to "mail", "rcpt" and "data" instead of taking them; "utf8", false where it takes ASCII
addresses alone; "host", where it listens; "certificate", a file with which it offers STARTTLS and takes nothing without, or with "smtps" speaks encrypted from
the start; "failures", how many messages it does not take before it takes one; "drops", how many it takes and says nothing;
"port", if any will not do; "optional", true where STARTTLS is offered and not required; "seconds", how long it takes
for a message; "latin1", true where its replies are not UTF-8; and "folder", where each message also becomes a file.
"""

import asyncio, email, email.policy, json, os, signal, ssl, sys, uuid

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

options = json.loads(sys.argv[1])


def say(what):
    print(json.dumps(what), flush=True)


def keep(message):
    path = os.path.join(options["folder"], uuid.uuid4().hex)
    with open(path, "w") as file:
        json.dump(message, file)
    # Atomic, so that readers only see complete files.
    os.rename(path, path + ".json")


class Handler:
    async def handle_MAIL(self, server, session, envelope, address, mail_options):
        if "mail" in options.get("replies", {}):
            return options["replies"]["mail"]
        envelope.mail_from = address
        envelope.mail_options.extend(mail_options)
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if "rcpt" in options.get("replies", {}):
            return options["replies"]["rcpt"]
        if address == options.get("refused"):
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        await asyncio.sleep(options.get("seconds", 0))
        if "data" in options.get("replies", {}):
            return options["replies"]["data"]
        if options.get("failures", 0) > 0:
            options["failures"] -= 1
            return "451 try again later"
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        taken = {
            "from": envelope.mail_from,
            "hello": session.host_name,
            "to": envelope.rcpt_tos,
            "headers": {name.lower(): str(value) for name, value in message.items()},
            "text": message.get_body(("plain",)).get_content(),
            "html": message.get_body(("html",)).get_content(),
        }
        say(taken)
        if "folder" in options:
            keep(taken)
        if options.get("drops", 0) > 0:
            options["drops"] -= 1
            server.transport.abort()
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    return AuthResult(success=data.login == b"shop" and data.password.decode() == options["password"])


settings = {"enable_SMTPUTF8": options.get("utf8", True)}
host = options.get("host", "127.0.0.1")
if "password" in options:
    settings |= {"authenticator": authenticate, "auth_required": True, "auth_require_tls": False}
if "certificate" in options:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(options["certificate"])
    encrypted = {"ssl_context": context}
    settings |= encrypted if options.get("smtps") else {
        "tls_context": context,
        "require_starttls": not options.get("optional"),
    }


class Latin1Controller(Controller):
    def factory(self):
        smtp = super().factory()
        push = smtp.push

        async def push_latin1(status):
            said = status if isinstance(status, bytes) else status.encode()
            # Not the lines of EHLO that name an extension.
            await push(said + (" f\u00fcr Sie".encode("latin-1") if said[3:4] == b" " else b""))

        smtp.push = push_latin1
        return smtp


kind = Latin1Controller if options.get("latin1") else Controller
controller = kind(Handler(), hostname=host, port=options.get("port", 0), **settings)
if not options.get("port"):
    # The controller itself connects to the port it was given, and cannot do that to port 0.
    import socket

    with socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET) as free:
        controller.port = free.getsockname()[1]
controller.start()
say({"port": controller.port})
if "folder" in options:
    signal.pause()
# Exits with the parent process.
sys.stdin.read()
