using System;
using System.Collections.Generic;
using System.Linq;
using System.Numerics;
using System.Threading.Tasks;

namespace LiverSeg.Functional;

/// <summary>A voxel whose nearest surface voxel lies further off than the near search looks.</summary>
/// <param name="Index">Its place in the list of distances.</param>
/// <param name="X">Index along x in the box.</param>
/// <param name="Y">Index along y in the box.</param>
/// <param name="Z">Index along z in the box.</param>
internal readonly record struct FarVoxel(int Index, int X, int Y, int Z);
