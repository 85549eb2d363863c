// What every script needs. Build once (dotnet build -c Release), then  #load "load.fsx"  from any folder.
// Against the packages instead:  #r "nuget: LiverSeg.Functional.FSharp"  and  #r "nuget: libtorch-cpu-linux-x64, 2.10.0"
#I "../src/LiverSeg.Functional.Cli/bin/Release/net10.0"
#r "TorchSharp.dll"
#r "LiverSeg.Functional.dll"
#r "LiverSeg.Functional.FSharp.dll"
