// The packages. A feed of your own comes before them:  #i "nuget: /the/feed"
#r "nuget: LiverSeg.Functional.FSharp, 0.2.0"
#r "nuget: libtorch-cpu-linux-x64, 2.10.0"
