# fill.py FILE FROM COUNT: adds customers to the embedded store until it has
# COUNT, each a copy of the one that the program created, a minute apart. Node 20
# has no SQLite of its own.
import os
import sqlite3
import struct
import sys
import time

file, first, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
store = sqlite3.connect(file)
store.execute("PRAGMA synchronous = OFF")
found = store.execute("SELECT * FROM customers LIMIT 1")
columns = [column[0] for column in found.description]
like = dict(zip(columns, found.fetchone()))
now = int(time.time())


def customer(number):
    came = now - 60 * (count - number)
    new = {
        "id": struct.pack(">I", came) + os.urandom(8),
        "email": f"customer{number}@example.com",
        "created_at": 1000 * came,
        "updated_at": 1000 * came,
    }
    if like["verification_hash"]:
        new["verification_hash"] = os.urandom(32)
    return [new.get(column, like[column]) for column in columns]


with store:
    places = ", ".join("?" * len(columns))
    store.executemany(f"INSERT INTO customers VALUES ({places})", map(customer, range(first, count)))
store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
store.close()
