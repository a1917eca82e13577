"""A real SMTP server that takes every message and keeps none: sink.py PORT.

It acknowledges what it received at once. Otherwise the system waits 40 ms for more before it does, and a client that writes
a message in two parts waits with it: then a bench measures that pause and nothing else.
"""

import asyncio, socket, sys

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from aiosmtpd.smtp import SMTP


class Prompt(SMTP):
    def data_received(self, data):
        self.transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        super().data_received(data)


class Prompts(Controller):
    def factory(self):
        return Prompt(self.handler, **self.SMTP_kwargs)


Prompts(Sink(), hostname="127.0.0.1", port=int(sys.argv[1])).start()
asyncio.new_event_loop().run_forever()
