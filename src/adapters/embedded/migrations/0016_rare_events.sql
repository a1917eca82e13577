-- Rare kinds of events are found without reading the frequent ones.
CREATE INDEX timeline_of_kind ON timeline (customer, event, at);
