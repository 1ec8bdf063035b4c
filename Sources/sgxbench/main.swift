import BenchCommands

Program.main()
