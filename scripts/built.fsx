// The assemblies of this repository, built once with  dotnet build src/LiverSeg.Functional.Cli -c Release.
// F# looks for assemblies before anything runs and names those it does not find: the first one's name says what to do, and `..` takes it back.
#I "../src/LiverSeg.Functional.Cli/bin/Release/net10.0"
#r "run  dotnet build src/LiverSeg.Functional.Cli -c Release  first/../../TorchSharp.dll"
#r "LiverSeg.Functional.dll"
#r "LiverSeg.Functional.Reports.dll"
#r "LiverSeg.Functional.FSharp.dll"
