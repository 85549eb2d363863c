// The assemblies of this repository, built once with  dotnet build -c Release.
#I "../src/LiverSeg.Functional.Cli/bin/Release/net10.0"
#r "TorchSharp.dll"
#r "LiverSeg.Functional.dll"
#r "LiverSeg.Functional.Reports.dll"
#r "LiverSeg.Functional.FSharp.dll"
