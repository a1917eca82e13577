# activities.py FILE CUSTOMER COUNT: adds COUNT activities to a customer of the
# embedded store (the id in hexadecimal), each a copy of the last one and a minute
# older than the previous. Node 20 has no SQLite of its own.
import sqlite3
import sys

file, customer, count = sys.argv[1], bytes.fromhex(sys.argv[2]), int(sys.argv[3])
store = sqlite3.connect(file)
found = store.execute("SELECT * FROM timeline WHERE customer = ? ORDER BY at DESC LIMIT 1", [customer])
columns = [column[0] for column in found.description if column[0] not in ("id", "group_key")]
last = dict(zip([column[0] for column in found.description], found.fetchone()))
rows = [[last[column] - 60_000 * number if column == "at" else last[column] for column in columns] for number in range(1, count + 1)]
with store:
    places = ", ".join("?" * len(columns))
    store.executemany(f"INSERT INTO timeline ({', '.join(columns)}) VALUES ({places})", rows)
store.close()
