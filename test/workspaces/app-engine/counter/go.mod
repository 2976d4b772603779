module sample/counter

go 1.19
