using System;
using System.Collections.Generic;
using System.Threading.Tasks;

namespace LiverSeg.Functional;

/// <summary>Organs as smooth implicit shapes in millimetres: x to the patient's left, y to the back, z to the head, 0 in the liver's middle.</summary>
internal sealed class PhantomAnatomy
{
    private const long Outline = 11, Vessels = 12, Spots = 13, Loops = 14;

    internal readonly record struct Ellipsoid(double X, double Y, double Z, double A, double B, double C, double Turn = 0)
    {
        /// <summary>Below 1 inside; grows with the distance.</summary>
        internal double At(double x, double y, double z)
        {
            double u = x - X, v = y - Y, w = (z - Z) / C;
            if (Turn != 0)
            {
                var (s, c) = Math.SinCos(Turn);
                (u, v) = (c * u + s * v, c * v - s * u);
            }
            return u * u / (A * A) + v * v / (B * B) + w * w;
        }
    }

    internal readonly record struct Tube(double X0, double Y0, double Z0, double X1, double Y1, double Z1, double R)
    {
        internal bool Has(double x, double y, double z)
        {
            double dx = X1 - X0, dy = Y1 - Y0, dz = Z1 - Z0, px = x - X0, py = y - Y0, pz = z - Z0;
            var t = Math.Clamp((px * dx + py * dy + pz * dz) / (dx * dx + dy * dy + dz * dz + 1e-9), 0, 1);
            (px, py, pz) = (px - t * dx, py - t * dy, pz - t * dz);
            return px * px + py * py + pz * pz < R * R;
        }
    }

    private readonly double _fat, _wall, _scale, _fatPosterior, _domeRight, _domeLeft, _visceral, _ribPhase, _turn;
    private readonly double[] _wave = new double[5 * 7];
    private readonly Ellipsoid _right, _left, _caudate, _spleen, _stomach, _heart, _kidneyRight, _kidneyLeft, _gall;
    private readonly Tube[] _pancreas, _vessels;
    private readonly Ellipsoid[] _lesions, _cysts, _bowel;
    private readonly double _gasLevel;

    internal PhantomAnatomy(PhantomOptions options)
    {
        var r = new CounterRandom(options.Seed, Outline);
        double Vary(ref CounterRandom q, double mean, double share) => mean * (1 + share * q.Next(-1, 1));
        Phase = options.Phase ?? (ContrastPhase)Math.Min(2, r.NextInt(5)); // portal venous scans are the usual ones
        _scale = r.Next(0.94, 1.14);
        HalfWidth = Vary(ref r, 172, 0.08) * _scale;
        HalfDepth = Vary(ref r, 118, 0.08) * _scale;
        _fat = r.Next(7, 24);
        _fatPosterior = r.Next(0.6, 1.2);
        _wall = r.Next(9, 14);
        _domeRight = r.Next(66, 88);
        _domeLeft = _domeRight - r.Next(4, 22);
        _visceral = r.Next(0.55, 1.05);
        _ribPhase = r.Next(0, 34);
        _turn = r.Next(-0.12, 0.12);
        var inner = (HalfWidth - _fat - _wall) / _scale;
        double Near(ref CounterRandom q, double at, double mm) => at + q.Next(-mm, mm);
        _right = new(Near(ref r, -inner + 68, 8), Near(ref r, 4, 8), Near(ref r, -4, 8), Vary(ref r, 82, 0.1), Vary(ref r, 92, 0.1), Vary(ref r, 98, 0.12));
        _left = new(Near(ref r, 6, 14), Near(ref r, -48, 8), Near(ref r, 28, 10), Vary(ref r, 72, 0.25), Vary(ref r, 36, 0.15), Vary(ref r, 36, 0.2), Near(ref r, 0.15, 0.15));
        _caudate = new(Near(ref r, -18, 5), Near(ref r, 10, 5), Near(ref r, 22, 6), Vary(ref r, 30, 0.2), Vary(ref r, 26, 0.2), Vary(ref r, 34, 0.2));
        _spleen = new(inner - r.Next(28, 40), Near(ref r, 42, 8), Near(ref r, 22, 12), Vary(ref r, 30, 0.2), Vary(ref r, 48, 0.2), Vary(ref r, 50, 0.25), Near(ref r, -0.35, 0.2));
        _stomach = new(Near(ref r, 58, 12), Near(ref r, -28, 10), Near(ref r, 28, 12), Vary(ref r, 46, 0.25), Vary(ref r, 42, 0.25), Vary(ref r, 52, 0.2), Near(ref r, 0.3, 0.3));
        _gasLevel = r.Next(-40, 10);
        _heart = new(Near(ref r, 26, 8), Near(ref r, -32, 8), Near(ref r, _domeRight + 42, 8), Vary(ref r, 62, 0.1), Vary(ref r, 48, 0.1), Vary(ref r, 50, 0.12), Near(ref r, 0.5, 0.15));
        _kidneyRight = new(Near(ref r, -58, 6), Near(ref r, 44, 6), Near(ref r, -72, 14), Vary(ref r, 27, 0.12), Vary(ref r, 23, 0.12), Vary(ref r, 52, 0.12), Near(ref r, 0.5, 0.2));
        _kidneyLeft = new(Near(ref r, 60, 6), Near(ref r, 44, 6), Near(ref r, -56, 14), Vary(ref r, 27, 0.12), Vary(ref r, 24, 0.12), Vary(ref r, 54, 0.12), Near(ref r, -0.5, 0.2));
        _gall = new(Near(ref r, -50, 8), Near(ref r, -34, 8), Near(ref r, -34, 8), Vary(ref r, 14, 0.3), Vary(ref r, 14, 0.3), Vary(ref r, 26, 0.3));
        _pancreas =
        [
            new(-34, -14, -38, -14, -18, -22, Vary(ref r, 15, 0.2)), new(-14, -18, -22, 30, -4, -8, Vary(ref r, 11, 0.2)), new(30, -4, -8, 76, 24, 6, Vary(ref r, 10, 0.2)),
        ];
        for (var i = 0; i < 5; i++)
        {
            var length = r.Next(55, 140);
            for (var k = 0; k < 3; k++) _wave[i * 7 + k] = r.NextNormal() * 2 * Math.PI / length / Math.Sqrt(3);
            _wave[i * 7 + 3] = r.Next(0, 2 * Math.PI);
            for (var k = 4; k < 7; k++) _wave[i * 7 + k] = r.NextNormal() * 3.2;
        }
        _vessels = LiverVessels(new(options.Seed, Vessels));
        var spots = new CounterRandom(options.Seed, Spots);
        _lesions = Balls(ref spots, options.Lesions && spots.NextInt(3) == 0 ? 1 + spots.NextInt(5) : 0, 5, 24);
        _cysts = Balls(ref spots, options.Lesions && spots.NextInt(4) == 0 ? 1 + spots.NextInt(3) : 0, 4, 16);
        var loops = new CounterRandom(options.Seed, Loops);
        _bowel = new Ellipsoid[26];
        for (var i = 0; i < _bowel.Length; i++)
            _bowel[i] = new(loops.Next(-105, 105), loops.Next(-70, 5), loops.Next(-170, -52), loops.Next(14, 38), loops.Next(13, 22), loops.Next(12, 24), loops.Next(-1.5, 1.5));
    }

    internal ContrastPhase Phase { get; }

    internal double HalfWidth { get; }

    internal double HalfDepth { get; }

    internal Volume<OrganLabel> Draw(Grid grid)
    {
        var e = grid.Extent;
        var voxels = Volume.Allocate<OrganLabel>(grid);
        Parallel.For(0, e.Z, z =>
        {
            for (int y = 0, i = z * e.X * e.Y; y < e.Y; y++)
                for (var x = 0; x < e.X; x++, i++)
                    voxels[i] = new(At(grid.Origin.X + x * grid.Spacing.X, grid.Origin.Y + y * grid.Spacing.Y, grid.Origin.Z + z * grid.Spacing.Z));
        });
        return Joined(new(grid, voxels));
    }

    /// <summary>A liver is one piece: islands that the cuts left become fat.</summary>
    private static Volume<OrganLabel> Joined(Volume<OrganLabel> organs)
    {
        static bool Inside(OrganLabel o) => o.Value is Organ.Liver or Organ.Lesion or Organ.Cyst or Organ.LiverVessel;
        var whole = organs.Map(Inside);
        var main = whole.LargestComponent(Connectivity.Six);
        return ReferenceEquals(main, whole) ? organs : organs.Zip(main, (o, keep) => Inside(o) && !keep ? new(Organ.InnerFat) : o);
    }

    private Organ At(double wx, double wy, double wz)
    {
        var (s, c) = Math.SinCos(_turn);
        double bx = c * wx + s * wy, by = c * wy - s * wx;
        // A superellipse whose long rim is scaled to millimetres along the short side.
        var rim = Math.Pow(Math.Pow(Math.Abs(bx) / HalfWidth, 2.3) + Math.Pow(Math.Abs(by) / HalfDepth, 2.3), 1 / 2.3);
        if (rim > 1) return Organ.Air;
        var below = (1 - rim) * (by > 0 ? HalfDepth / _fatPosterior : HalfDepth) * (1 + 0.4 * Math.Abs(bx) / HalfWidth); // mm below the skin
        double x = bx / _scale, y = by / _scale, z = wz / _scale;
        var back = HalfDepth / _scale - _fat * _fatPosterior / _scale;
        if (Spine(x, y, z, back)) return Organ.Bone;
        if (below < _fat) return below < 2 ? Organ.Muscle : Organ.Fat;
        var (dx, dy, dz) = Warp(x, y, z);
        double u = x + dx, v = y + dy, w = z + dz;
        var dome = Dome(u, v);
        var wall = below < _fat + _wall;
        if (wall || y > back - 34 && Math.Abs(x) > 8 && Math.Abs(x) < 62 && rim > 0.45 && y > 52)
            return wall && Rib(below - _fat, y, z, back) ? Organ.Bone : Organ.Muscle;
        if ((x - 11) * (x - 11) + (y - back + 62) * (y - back + 62) < 11 * 11) return Organ.Aorta;
        if (w > dome)
        {
            if (_heart.At(u, v, w) < 1) return Organ.Heart;
            if (Math.Abs(u) < 26 && v > -20 && v < back - 40 || Math.Abs(u + 4) < 18 && v <= -20) return Organ.InnerFat; // mediastinum
            return w > dome + 4 ? Organ.Lung : Organ.Muscle;
        }
        if (w > dome - 3) return Organ.Muscle;
        return Abdominal(x, y, u, v, w, dome, back, below - _fat - _wall);
    }

    private Organ Abdominal(double x, double y, double u, double v, double w, double dome, double back, double depth)
    {
        var cava = (x + 22) * (x + 22) / 1.3 + (y - back + 64) * (y - back + 64) < 12 * 12;
        var kidney = Math.Min(_kidneyRight.At(u, v, w), _kidneyLeft.At(u, v, w));
        if (kidney < 1) return Sinus(u, v, w) ? Organ.InnerFat : Organ.Kidney;
        if (cava) return Organ.Vein;
        if (_gall.At(u, v, w) < 1) return Organ.GallBladder;
        if (depth > 2.5 && kidney > 1.25 && Liver(u, v, w, dome))
        {
            foreach (var cyst in _cysts)
                if (cyst.At(u, v, w) < 1) return Organ.Cyst;
            foreach (var lesion in _lesions)
                if (lesion.At(u, v, w) < 1) return Organ.Lesion;
            foreach (var vessel in _vessels)
                if (vessel.Has(u, v, w)) return Organ.LiverVessel;
            return Organ.Liver;
        }
        if (depth > 2 && _spleen.At(u, v, w) < 1) return Organ.Spleen;
        var stomach = _stomach.At(u, v, w);
        if (stomach < 1) return stomach < 0.8 && v < _gasLevel ? Organ.Gas : Organ.Stomach;
        foreach (var part in _pancreas)
            if (part.Has(u, v, w)) return Organ.Pancreas;
        if (Math.Pow((Math.Abs(x) - 40) / 17, 2) + Math.Pow((y - back + 52) / 17, 2) < 1 && w < -30) return Organ.Muscle; // psoas
        foreach (var loop in _bowel)
        {
            var at = loop.At(u, v, w);
            if (at < 1) return at < 0.55 && v < loop.Y - 2 ? Organ.Gas : Organ.Bowel;
        }
        return Organ.InnerFat;
    }

    /// <summary>Right lobe, left lobe and caudate blended, cut by the visceral surface, which rises from right below to left above.</summary>
    private bool Liver(double x, double y, double z, double dome)
    {
        var lobe = SmoothMin(SmoothMin(_right.At(x, y, z), _left.At(x, y, z), 0.35), _caudate.At(x, y, z), 0.25);
        if (lobe > 1 || z > dome - 4) return false;
        var floor = -92 + _visceral * Math.Max(0, x + 118) + 0.12 * (y + 20);
        if (z < floor && _caudate.At(x, y, z) > 1) return false;
        // Posterior to the right lobe's medial edge lie spine and crus, not liver.
        return (x - 2) * (x - 2) / (44 * 44.0) + (y - 62) * (y - 62) / (46 * 46.0) > 1;
    }

    private bool Sinus(double x, double y, double z)
    {
        var kidney = x < 0 ? _kidneyRight : _kidneyLeft;
        var medial = kidney.X + (x < 0 ? 12 : -12);
        return Math.Pow((x - medial) / 11, 2) + Math.Pow((y - kidney.Y + 3) / 8, 2) + Math.Pow((z - kidney.Z) / 26, 2) < 1;
    }

    private double Dome(double x, double y)
    {
        var right = _domeRight - (Math.Pow(x + 72, 2) + Math.Pow(y - 2, 2)) / 150;
        var left = _domeLeft - (Math.Pow(x - 78, 2) + Math.Pow(y - 6, 2)) / 140;
        return -SmoothMin(-right, -left, 14);
    }

    private bool Spine(double x, double y, double z, double back)
    {
        var level = ((z % 34) + 34) % 34;
        var waist = 1 + 0.12 * Math.Pow(Math.Abs(level - 17) / 17, 2);
        var body = Math.Pow(x / (22 * waist), 2) + Math.Pow((y - back + 40) / (16 * waist), 2);
        if (body < 1) return level > 4;
        if (Math.Pow(x / 9, 2) + Math.Pow((y - back + 17) / 8, 2) < 1) return false; // canal
        if (Math.Pow(x / 15, 2) + Math.Pow((y - back + 16) / 13, 2) < 1) return level is > 6 and < 28;
        return Math.Abs(x) < 3.5 && y > back - 10 && y < back + 10 && level is > 8 and < 24;
    }

    /// <summary>Ribs run in the wall and fall from the spine to the front.</summary>
    private bool Rib(double depth, double y, double z, double back)
    {
        if (depth < 1.5 || depth > 9.5 || z < -70 + 0.6 * y) return false;
        var along = z + _ribPhase - 0.55 * (y - back);
        return ((along % 30) + 30) % 30 < 11;
    }

    private (double X, double Y, double Z) Warp(double x, double y, double z)
    {
        double dx = 0, dy = 0, dz = 0;
        for (var i = 0; i < _wave.Length; i += 7)
        {
            var s = Math.Sin(_wave[i] * x + _wave[i + 1] * y + _wave[i + 2] * z + _wave[i + 3]);
            (dx, dy, dz) = (dx + s * _wave[i + 4], dy + s * _wave[i + 5], dz + s * _wave[i + 6]);
        }
        return (dx, dy, dz);
    }

    private static double SmoothMin(double a, double b, double blend)
    {
        var h = Math.Max(blend - Math.Abs(a - b), 0) / blend;
        return Math.Min(a, b) - h * h * blend / 4;
    }

    private Ellipsoid[] Balls(ref CounterRandom r, int count, double least, double most)
    {
        var balls = new Ellipsoid[count];
        for (var i = 0; i < count; i++)
        {
            var size = r.Next(least, most);
            balls[i] = new(_right.X + r.Next(-45, 60), _right.Y + r.Next(-50, 40), r.Next(-50, 45), size * r.Next(0.8, 1.2), size * r.Next(0.8, 1.2), size * r.Next(0.8, 1.2), r.Next(0, 3));
        }
        return balls;
    }

    /// <summary>Portal tree from the hilum, three hepatic veins from the cava.</summary>
    private Tube[] LiverVessels(CounterRandom r)
    {
        var tubes = new List<Tube>();
        void Branch(double x, double y, double z, double dx, double dy, double dz, double length, double radius, int depth)
        {
            double ex = x + dx * length, ey = y + dy * length, ez = z + dz * length;
            tubes.Add(new(x, y, z, ex, ey, ez, radius));
            if (depth == 0) return;
            for (var child = 0; child < 2; child++)
            {
                double nx = dx + 0.65 * r.NextNormal(), ny = dy + 0.65 * r.NextNormal(), nz = dz + 0.65 * r.NextNormal();
                var norm = Math.Sqrt(nx * nx + ny * ny + nz * nz) + 1e-9;
                Branch(ex, ey, ez, nx / norm, ny / norm, nz / norm, length * r.Next(0.65, 0.9), Math.Max(1.4, radius * 0.72), depth - 1);
            }
        }
        Branch(-14, -8, -4, -0.85, 0.1, 0.2, 38, 6.5, 4);
        Branch(-14, -8, -4, 0.3, -0.8, 0.45, 34, 5, 3);
        Branch(-24, 26, 48, -0.8, -0.1, -0.5, 36, 5.5, 3);
        Branch(-22, 24, 48, -0.4, -0.8, -0.3, 36, 5.5, 3);
        Branch(-20, 22, 48, 0.35, -0.85, -0.2, 34, 4.5, 2);
        return [.. tubes];
    }
}
