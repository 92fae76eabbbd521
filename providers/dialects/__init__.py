"""One wire format a room; the vendor page is named in each."""
