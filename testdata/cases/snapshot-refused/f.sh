against() { $CONVERGE plan m.json --against "$1"; }
