comment on table dispatch_seconds is 'Messages that left per second, by the clock of the worker that sent them, for the rate and its chart.';
