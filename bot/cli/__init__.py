"""The command line: `rollcall demo | run | tick | import | check | doctor | migrate | manifest | digest | shown`."""
