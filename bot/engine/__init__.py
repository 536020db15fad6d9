"""When and where work runs: the clock, the job engine, the rate slots, and the sending of a delivery."""
