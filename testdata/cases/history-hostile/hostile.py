"""A state.db that no converge wrote."""
import sqlite3
import sys

ESC = "\x1b[2J\n::error::x\r\u202e##[command]x"
c = sqlite3.connect(sys.argv[1])
c.execute("update runs set host = ?, source = ?, revision = ?, command = ?",
          ("h" + ESC, ESC, ESC, ESC + " x"))
c.execute("update changes set resource = ?, action = ?, attributes = ?, "
          "result = 'failed', reason = ?",
          ("file:/\x1b[2J", ESC, '{"\\u001b[2J": {"before": "\\u001b[2J", '
           '"after": "::x"}}', ESC))
c.execute("update changes set attributes = '{\"mode\": 1}', result = ? "
          "where id = 2", (ESC,))
c.execute("insert into past values (1, ?, 1, ?, ?)", (ESC, ESC, ESC))
c.execute("insert into looks values (1, 1, -1, 5, ?, 'refused', ?, ?)",
          (ESC, ESC, ESC))
c.execute("insert into looks values (2, 9223372036854775807, "
          "-9223372036854775808, 2, cast(x'ff1b5b' as text), 'x', NULL, "
          "cast(x'ff1b5b' as text))")
c.commit()
